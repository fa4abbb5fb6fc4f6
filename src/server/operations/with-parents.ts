/**
 * An upload that creates the missing parents of its path. An upload into a directory that exists costs nothing more: the
 * storage is asked to store first, and to create directories only after it has found none.
 */
import { TransferError } from '../../errors.js';
import { splitPath } from '../../protocol/remote-path.js';
import type { OperationContext } from './operation.js';
import type { UploadPlan } from './start-upload.js';

/**
 * Calls `store`; if the parent is missing and the upload creates parents, creates them and calls it again. Directories that
 * were created stay if the upload fails later: another request may use them by then.
 */
export async function withParents<T>(
  { storage }: Pick<OperationContext, 'storage'>,
  { path, makesDirectories, options }: Pick<UploadPlan, 'path' | 'makesDirectories' | 'options'>,
  store: () => Promise<T>,
): Promise<T> {
  try {
    return await store();
  } catch (thrown) {
    // Without a parent there is no file with the etag.
    const mayCreate = makesDirectories && options.ifMatch === undefined;
    if (!mayCreate || !storage.mkdir || TransferError.from(thrown).code !== 'ENOENT') throw thrown;
  }
  const { onProgress } = options;
  try {
    await storage.mkdir(splitPath(path).directory, { recursive: true, onProgress });
  } catch (thrown) {
    const error = TransferError.from(thrown);
    // A file has taken the name of the parent.
    throw error.code === 'EEXIST' ? new TransferError('ENOTDIR', undefined, { path, cause: thrown }) : error;
  }
  return store();
}
