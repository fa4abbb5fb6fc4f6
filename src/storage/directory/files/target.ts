/** The file at a path that a new version replaces, if there is one. */
import { TransferError } from '../../../errors.js';
import { lacksHardLinks, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageWriteOptions } from '../../storage.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { kindOf } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';

/** What exists at a path. */
export interface Target {
  readonly stats: Stats;
  /** Undefined unless it is a file. */
  readonly entry: FileEntry | undefined;
}

/** What exists at a path; undefined if nothing does. */
export function statTarget(context: DirectoryContext, path: RemotePath): Promise<Target | undefined> {
  return context.resolver.inParent(path, (directory, name) => targetAt(context, path, directory.at(name)));
}

/** As `statTarget`, by the local path. */
export async function targetAt(
  { calls, versions }: DirectoryContext,
  path: RemotePath,
  localPath: string,
): Promise<Target | undefined> {
  const stats = await calls.lstatIfAny(localPath);
  return stats && { stats, entry: stats.isFile() ? await versions.entry(path, stats, localPath) : undefined };
}

/** Throws EISDIR, EEXIST or ESTALE if the options do not allow replacing the target; returns its metadata otherwise. */
export function checkTarget(
  target: Target | undefined,
  { overwrite, ifMatch }: StorageWriteOptions,
): Stats | undefined {
  if (target && kindOf(target.stats) === 'directory') throw new TransferError('EISDIR');
  if (target && !overwrite) throw new TransferError('EEXIST');
  if (ifMatch !== undefined && target?.entry?.etag !== ifMatch) throw new TransferError('ESTALE');
  return target?.stats;
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
