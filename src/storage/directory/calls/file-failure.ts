/** What the system says of a failure, in the words of the table of errors. */
import { isKnownErrorCode, TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';

const otherDevice =
  'The two paths are on different devices: what is mounted inside the root can be read, not written.';

/** Any failure of a call of the file system as a TransferError with a code of the table. */
export function fileFailure(thrown: unknown, path: RemotePath): TransferError {
  const error = TransferError.from(thrown, { path });
  if (error.code === 'EXDEV' && error !== thrown) {
    return new TransferError('EXDEV', otherDevice, { path, cause: thrown });
  }
  if (isKnownErrorCode(error.code)) return error;
  return new TransferError('EIO', undefined, { path, cause: thrown });
}

/** Works on a path: what fails is about that path, unless it says that it is about another one. */
export async function withPath<T>(path: RemotePath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(error, path);
  }
}
