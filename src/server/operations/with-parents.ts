/**
 * An upload that creates the missing parents of its path. An upload into a directory that exists costs nothing more: the
 * storage is asked to store first, and to create directories only after it has found none.
 */
import { TransferError } from '../../errors.js';
import { isPromise, type MaybePromise } from '../../maybe-promise.js';
import { splitPath, type RemotePath } from '../../protocol/remote-path.js';
import type { StorageWriteOptions } from '../../storage/storage.js';
import type { OperationContext } from './operation.js';

/** The upload, as far as it decides about its parents. */
export interface UploadTarget {
  readonly path: RemotePath;
  /** Whether missing parents of the path are created. */
  readonly makesDirectories: boolean;
  readonly options: StorageWriteOptions;
}

/**
 * Calls `store`; if the parent is missing and the upload creates parents, creates them and calls it again. Directories that
 * were created stay if the upload fails later: another request may use them by then.
 */
export function withParents<T>(
  service: Pick<OperationContext, 'storage'>,
  target: UploadTarget,
  store: () => MaybePromise<T>,
): MaybePromise<T> {
  const again = async (thrown: unknown): Promise<T> => {
    await makeParents(service, target, thrown);
    return store();
  };
  try {
    const stored = store();
    return isPromise(stored) ? stored.catch(again) : stored;
  } catch (thrown) {
    return again(thrown);
  }
}

/** Creates the missing parents of an upload that failed; rejects with the failure if it has another reason. */
async function makeParents(
  { storage }: Pick<OperationContext, 'storage'>,
  { path, makesDirectories, options }: UploadTarget,
  failure: unknown,
): Promise<void> {
  // Without a parent there is no file with the etag.
  const mayCreate = makesDirectories && options.ifMatch === undefined;
  if (!mayCreate || !storage.mkdir || TransferError.from(failure).code !== 'ENOENT') throw failure;
  const { onProgress } = options;
  try {
    await storage.mkdir(splitPath(path).directory, { recursive: true, onProgress });
  } catch (thrown) {
    const error = TransferError.from(thrown);
    // A file has taken the name of the parent.
    throw error.code === 'EEXIST' ? new TransferError('ENOTDIR', undefined, { path, cause: thrown }) : error;
  }
}
