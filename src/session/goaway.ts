/** The frame `goaway`: what a server says when it closes a connection, and what its client makes of it. */
import { isErrorCode, protocolError, TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import { receivedError } from './channel/received-error.js';

/**
 * The frame of a server that closes.
 *
 * @param lastId - the highest channel that it serves
 * @param retryAfterMs - when the client may return; undefined if the server does not know
 */
export function goawayFrame(lastId: number, retryAfterMs: number | undefined): FrameOf<'goaway'> {
  const { code, reason } = serverClosing(retryAfterMs);
  return { type: 'goaway', lastId, code, message: reason, retryAfter: retryAfterMs };
}

/** Why a server that closes ends a connection. */
export function serverClosing(retryAfterMs?: number): TransferError {
  return new TransferError('ESHUTDOWN', 'The server is closing.', { retryAfterMs });
}

/**
 * The error of requests that the server has not started, and that can be sent on the next connection. Its `cause` is what
 * the server has said. Throws EPROTO for a code that is none.
 */
export function goawayError({ code, message, retryAfter }: FrameOf<'goaway'>): TransferError {
  if (code !== undefined && !isErrorCode(code))
    throw protocolError('The server has sent goaway without a valid code.');
  const cause = receivedError({ type: 'error', code: code ?? 'ESHUTDOWN', message, retryAfter });
  const reason = message
    ? `The server closes the connection: ${cause.reason}`
    : 'The server closes the connection.';
  return new TransferError('ESHUTDOWN', reason, { retryAfterMs: cause.retryAfterMs, cause });
}

/** The error of a request that came after `goaway`. */
export function notStarted(): TransferError {
  return new TransferError('ESHUTDOWN', 'The connection is closing; the request was not started.');
}
