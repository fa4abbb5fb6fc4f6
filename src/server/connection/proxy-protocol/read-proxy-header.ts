/**
 * Reads the header of the PROXY protocol from a new connection, and leaves the bytes after it in the stream.
 *
 *     socket -> header -> the address of the client
 *            -> the rest -> back into the socket, for TLS or the codec
 */
import type { Duplex } from 'node:stream';
import { TransferError } from '../../../errors.js';
import { MAX_PROXY_HEADER_BYTES, type ProxySource } from './header.js';
import { parseProxyHeader } from './parse-proxy-header.js';

export interface ReadProxyHeader {
  /** The announced client; undefined for the proxy itself. */
  readonly source: ProxySource | undefined;
  /** Why the connection is refused: it began with no valid header. All of its bytes are still in the stream. */
  readonly refusal: TransferError | undefined;
}

/** Rejects with ECONNRESET if the connection ends before the header does. The caller limits the time. */
export function readProxyHeader(duplex: Duplex): Promise<ReadProxyHeader> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const finish = (): void => {
      duplex.off('readable', onReadable).off('end', onLost).off('close', onLost);
    };
    const onReadable = (): void => {
      const chunk: unknown = duplex.read();
      // 'readable' is also emitted before 'end'.
      if (!(chunk instanceof Buffer)) return;
      const result = parse(head, chunk);
      if (result === undefined) {
        head = Buffer.concat([head, chunk]);
        return;
      }
      finish();
      if (result.rest.length > 0) duplex.unshift(result.rest);
      resolve(result);
    };
    const onLost = (): void => {
      finish();
      const reason = 'The connection ended before the header of the PROXY protocol.';
      reject(new TransferError('ECONNRESET', reason));
    };
    duplex.on('readable', onReadable).on('end', onLost).on('close', onLost);
    if (duplex.destroyed) onLost();
  });
}

/** Undefined if the header continues. `rest` are the bytes that are not part of a valid header. */
function parse(head: Buffer, chunk: Buffer): (ReadProxyHeader & { rest: Buffer }) | undefined {
  // A chunk may be large, and only its beginning can belong to the header.
  const bytes = Buffer.concat([head, chunk.subarray(0, MAX_PROXY_HEADER_BYTES - head.length)]);
  try {
    const header = parseProxyHeader(bytes);
    if (!header) return undefined;
    return { source: header.source, refusal: undefined, rest: chunk.subarray(header.length - head.length) };
  } catch (thrown) {
    const rest = Buffer.concat([head, chunk]);
    return { source: undefined, refusal: TransferError.from(thrown), rest };
  }
}
