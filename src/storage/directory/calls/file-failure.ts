/** Turns errors of system calls into errors of the table in `errors.ts`. */
import { isKnownErrorCode, TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';

const EXDEV_REASON =
  'The file system cannot rename across its devices, mounts and layers. Copy the files, and remove the originals.';

/** A TransferError with a code of the table; `path` is used unless the error has a path of its own. */
export function fileFailure(thrown: unknown, path: RemotePath): TransferError {
  const error = TransferError.from(thrown, { path });
  if (error.code === 'EXDEV' && error !== thrown) {
    return new TransferError('EXDEV', EXDEV_REASON, { path, cause: thrown });
  }
  if (isKnownErrorCode(error.code)) return error;
  return new TransferError('EIO', undefined, { path, cause: thrown });
}

/** Calls `work`, and converts its errors by `fileFailure`. */
export async function withPath<T>(path: RemotePath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(error, path);
  }
}
