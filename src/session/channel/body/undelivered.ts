import { TransferError } from '../../../errors.js';

/** The error of a body of which bytes are missing although the UDP path has ended. */
export function undelivered(): TransferError {
  return new TransferError('ECONNRESET', 'The UDP path has ended before all bytes of the body arrived.');
}
