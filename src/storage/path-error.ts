/** Errors about paths that all storages report alike. */
import { TransferError } from '../errors.js';
import type { RemotePath } from '../protocol/remote-path.js';

/** The parent directory of a path is missing; a bare ENOENT would be read as if the path itself were meant. */
export function missingParentError(path: RemotePath, cause?: unknown): TransferError {
  return new TransferError('ENOENT', 'The parent directory does not exist; create it first.', {
    path,
    cause,
  });
}

/**
 * The storage itself is missing, such as a disk that is not mounted. Not ENOENT, which would be read as if there were no
 * file at the path.
 */
export function unavailableError(cause: unknown): TransferError {
  const reason = 'The storage is not available: its root directory is missing or cannot be opened.';
  return new TransferError('EIO', reason, { retryable: true, cause });
}

/** The root cannot be removed, renamed or replaced. */
export function rootPathError(path: RemotePath): TransferError {
  return new TransferError('EACCES', 'This operation is not allowed on the root directory.', { path });
}

/** ESTALE: another process has written the part file of the same upload. */
export function modifiedUploadError(): TransferError {
  return new TransferError('ESTALE', 'Another process has modified this upload.');
}
