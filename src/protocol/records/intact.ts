/**
 * The mark of an error about a header whose check is right: the peer sent the header like this, so it would fail on another
 * connection, too.
 */
import type { TransferError } from '../../errors.js';

// For every copy of this package in a process, as with the brand of TransferError.
const INTACT = Symbol.for('socket-ftp.intact');

/** Marks an error. Returns it. */
export function markIntact(error: TransferError): TransferError {
  return Object.defineProperty(error, INTACT, { value: true });
}

/** Whether an error is marked. */
export function isIntact(error: TransferError): boolean {
  return Reflect.get(error, INTACT) === true;
}
