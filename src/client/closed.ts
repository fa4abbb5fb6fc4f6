import { TransferError } from '../errors.js';

/** The error of a request to a closed client. */
export function closed(): TransferError {
  return new TransferError('ESHUTDOWN', 'The client is closed.', { retryable: false });
}
