/** What the system says of a failure, in the words of the table of errors. */
import { isKnownErrorCode, TransferError, type KnownErrorCode } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';

// Codes that a file system uses and the table does not have.
const translations: Record<string, KnownErrorCode> = {
  // Sockets, and devices that nothing drives: not served, as all that is neither file nor directory.
  ENXIO: 'EACCES',
  ENODEV: 'EACCES',
  // What O_NOFOLLOW gives on FreeBSD, and on NetBSD.
  EMLINK: 'ELOOP',
  EFTYPE: 'ELOOP',
  ETXTBSY: 'EBUSY',
  EOPNOTSUPP: 'ENOTSUP',
  ENOSYS: 'ENOTSUP',
};

const otherDevice =
  'The two paths are on different devices: what is mounted inside the root can be read, not written.';

/** Any failure of a call of the file system as a TransferError with a code of the table. */
export function fileFailure(thrown: unknown, path: RemotePath): TransferError {
  const error = TransferError.from(thrown, { path });
  if (error.code === 'EXDEV' && error !== thrown) {
    return new TransferError('EXDEV', otherDevice, { path, cause: thrown });
  }
  if (isKnownErrorCode(error.code)) return error;
  return new TransferError(translations[error.code] ?? 'EIO', undefined, { path, cause: thrown });
}

/** Works on a path: what fails is about that path, unless it says that it is about another one. */
export async function concerning<T>(path: RemotePath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(error, path);
  }
}

/** Whether something thrown has one of these codes. */
export function hasCode(thrown: unknown, ...codes: string[]): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    codes.includes(thrown.code)
  );
}

/** The value of a promise; undefined where it rejects because there is nothing of that name. */
export async function unlessMissing<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
