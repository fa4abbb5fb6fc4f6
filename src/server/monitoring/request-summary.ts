/** What events and hooks tell of a request that has ended. */
import type { Exchange } from '../request/exchange.js';
import type { RequestOutcome } from '../request/queued-request.js';
import type { ConnectionInfo, RequestSummary } from './connection-info.js';

/** Each field is named: a spread would take as long as the rest of the end of a request. */
export function requestSummary(
  connection: ConnectionInfo,
  exchange: Exchange,
  { durationMs, error }: RequestOutcome,
): RequestSummary {
  const { request, requestId, bodyBytes: bytes, omitted } = exchange;
  const { id, op: operation, method, path, to: target } = request;
  return {
    connection,
    id,
    requestId,
    operation,
    method,
    path,
    target,
    bytes,
    omitted,
    durationMs,
    error,
  };
}
