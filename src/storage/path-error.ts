/** What a storage says of a path whose directory is not there. */
import { TransferError } from '../errors.js';
import type { RemotePath } from '../protocol/remote-path.js';

/** The error of whoever needs the directory that holds a path: ENOENT would else be read as if the path were meant. */
export function missingParent(path: RemotePath, cause?: unknown): TransferError {
  return new TransferError('ENOENT', 'Its parent directory does not exist.', { path, cause });
}
