/** How a request has lost its connection, and whether it may be repeated on another one. */
import type { TransferError } from '../../errors.js';
import type { Backoff } from './backoff.js';
import type { ClientConnection } from './client-connection.js';

export interface Loss {
  readonly error: TransferError;
  readonly connection: ClientConnection;
  /** Whether the request has got further on it than before. Bytes that were sent or received before do not count. */
  readonly progressed: boolean;
  /** Whether the request waited on it for others to end. */
  readonly queued: boolean;
}

/**
 * Takes one of the attempts that a request has since its last progress; false if none is left, or its time is over. The
 * progress of other requests does not count: it would keep a request alive that ends each of its connections.
 */
export function takeAttempt(backoff: Backoff, { error, connection, progressed, queued }: Loss): boolean {
  const { record } = connection;
  // It cannot have caused the loss, and its turn comes nearer.
  if (queued && record.progressed) return true;
  if (progressed && record.countsProgress(error)) backoff.reset();
  if (!backoff.canRetry(error.retryAfterMs)) return false;
  backoff.recordAttempt();
  return true;
}
