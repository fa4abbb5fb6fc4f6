/** Turns errors of system calls into errors of the table in `errors.ts`. */
import { isKnownErrorCode, TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { PathResolver } from '../walk/path-resolver.js';

const EXDEV_REASON =
  'The file system cannot rename across its devices, mounts and layers. Copy the files, and remove the originals.';

/** Codes that a path also gets if the root is missing or is not a directory. */
const ROOT_CODES = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ESTALE', 'EIO'];

/** A TransferError with a code of the table; `path` is used unless the error has a path of its own. */
export function fileFailure(thrown: unknown, path: RemotePath): TransferError {
  const error = TransferError.from(thrown, { path });
  if (error.code === 'EXDEV' && error !== thrown) {
    return new TransferError('EXDEV', EXDEV_REASON, { path, cause: thrown });
  }
  if (isKnownErrorCode(error.code)) return error;
  return new TransferError('EIO', undefined, { path, cause: thrown });
}

/**
 * Calls `work`, which follows a change that was made. Its errors are not retryable: a repeated request would make the
 * change twice, or fail because it was made.
 */
export async function afterChange<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = TransferError.from(cause);
    const known = isKnownErrorCode(code) ? code : 'EIO';
    const reason = 'The change was made, but a call after it failed; it may not be on the disk.';
    throw new TransferError(known, reason, { retryable: false, outcomeUnknown: true, cause });
  }
}

/** As `fileFailure`; if the reason is the root and not the path, the error says so. */
export async function pathFailure(
  resolver: PathResolver,
  thrown: unknown,
  path: RemotePath,
): Promise<TransferError> {
  const error = fileFailure(thrown, path);
  if (error.outcomeUnknown || !ROOT_CODES.includes(error.code)) return error;
  const unavailable = await resolver.unavailable();
  return unavailable ? TransferError.from(unavailable, { path }) : error;
}

/** Calls `work`, and converts its errors by `pathFailure`. */
export async function withPath<T>(
  resolver: PathResolver,
  path: RemotePath,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await pathFailure(resolver, error, path);
  }
}
