/** The file at a path that a new version replaces, if there is one. */
import { TransferError } from '../../../errors.js';
import { lacksHardLinks, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageWriteOptions } from '../../storage.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { etagOf, kindOf } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';

/** `lstat` of a path; undefined if nothing exists there. */
export function statTarget(
  { calls, resolver }: DirectoryContext,
  path: RemotePath,
): Promise<Stats | undefined> {
  return resolver.inParent(path, (directory, name) => calls.lstatIfAny(directory.at(name)));
}

/** Throws EISDIR, EEXIST or ESTALE if the options do not allow replacing the target; returns it otherwise. */
export function checkTarget(
  stats: Stats | undefined,
  { overwrite, ifMatch }: StorageWriteOptions,
): Stats | undefined {
  if (stats && kindOf(stats) === 'directory') throw new TransferError('EISDIR');
  if (stats && !overwrite) throw new TransferError('EEXIST');
  if (ifMatch !== undefined && (!stats || etagOf(stats) !== ifMatch)) throw new TransferError('ESTALE');
  return stats;
}

/**
 * Gives a file a name that must be free (EEXIST), by a hard link. File systems without hard links use `lstat` and
 * `rename`, between which another process may take the name. `'linked'`: the old name still exists.
 */
export async function linkOrRename(
  calls: FileCalls,
  from: string,
  to: string,
): Promise<'linked' | 'renamed'> {
  try {
    await calls.link(from, to);
    return 'linked';
  } catch (error) {
    if (!lacksHardLinks(error)) throw error;
  }
  if (await unlessMissing(calls.lstat(to))) throw new TransferError('EEXIST');
  await calls.rename(from, to);
  return 'renamed';
}
