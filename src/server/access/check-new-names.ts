/** The check of names that a request creates. */
import { isPortablePath, notPortable, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import { missingDirectories } from '../quota/missing-directories.js';
import type { Storage } from '../../storage/storage.js';

/**
 * Rejects with EILSEQ if a request that creates this path, or its parents, would create a name that only some systems can
 * hold. Undefined, without asking the storage, for a path that all can hold.
 */
export function checkNewNames(
  { portableNames, storage }: { readonly portableNames: boolean; readonly storage: Storage },
  path: RemotePath,
): Promise<void> | undefined {
  if (!portableNames || isPortablePath(path)) return undefined;
  return missingDirectories(storage, path).then((missing) => {
    if (!missing.every((created) => isPortablePath(splitPath(created).name))) throw notPortable(path);
  });
}
