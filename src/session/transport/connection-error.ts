import { TransferError } from '../../errors.js';
import { tlsError } from '../tls-error.js';

/** What broke a connection, with what the system says of it: here it is nobody's secret, and names host and port. */
export function connectionError(thrown: unknown): TransferError {
  if (thrown instanceof TransferError || !(thrown instanceof Error)) return TransferError.from(thrown);
  const ofTls = tlsError(thrown);
  if (ofTls) return ofTls;
  const { code, retryable } = TransferError.from(thrown);
  return new TransferError(code, `The connection failed: ${thrown.message}.`, { retryable, cause: thrown });
}
