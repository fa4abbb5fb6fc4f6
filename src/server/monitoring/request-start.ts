/** What events and hooks tell of a request that has arrived. */
import type { FrameOf } from '../../protocol/frames.js';
import type { Exchange } from '../request/exchange.js';
import type { ConnectionInfo, RequestStart } from './connection-info.js';

export function requestStart(connection: ConnectionInfo, { request, requestId }: Exchange): RequestStart {
  const { id, op: operation, method, path, to: target } = request;
  return { connection, id, requestId, operation, method, path, target };
}

/** What is told of a request in a batch: it has the number of the batch, and an id of its own. */
export function batchedStart(
  connection: ConnectionInfo,
  batch: Exchange,
  { id: index, op: operation, path }: FrameOf<'open'>,
): RequestStart {
  const { request, requestId } = batch;
  return {
    ...{ connection, id: request.id, requestId: `${requestId}-${index}` },
    ...{ operation, method: undefined, path, target: undefined },
  };
}
