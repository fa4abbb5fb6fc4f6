/** The file that a new version is to replace, if there is one. */
import { TransferError } from '../../../errors.js';
import { lacksHardLinks, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageReplaceOptions } from '../../storage.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { etagOf, kindOf } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';

/** What must be so for a file to be replaced. */
export interface ReplaceConditions extends StorageReplaceOptions {
  readonly ifMatch?: string | undefined;
}

/** What is under a path; undefined if nothing is. */
export function statTarget({ calls, tree }: DirectoryContext, path: RemotePath): Promise<Stats | undefined> {
  return tree.inParent(path, (directory, name) => calls.lstatIfAny(directory.at(name)));
}

/** What was found, undefined if nothing was. Throws EISDIR, EEXIST or ESTALE where it is not to be replaced. */
export function replaceable(
  stats: Stats | undefined,
  { overwrite, ifMatch }: ReplaceConditions,
): Stats | undefined {
  if (stats && kindOf(stats) === 'directory') throw new TransferError('EISDIR');
  if (stats && !overwrite) throw new TransferError('EEXIST');
  if (ifMatch !== undefined && (!stats || etagOf(stats) !== ifMatch)) throw new TransferError('ESTALE');
  return stats;
}

/**
 * Gives a file a second name which nothing else has: EEXIST. File systems without hard links get a look and a rename,
 * between which another process may take the name. Tells whether the first name is still there.
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
