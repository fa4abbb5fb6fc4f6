/**
 * Renames a file or directory. A file gets its new name by a hard link if it must not replace another one.
 *
 * `rename(2)` does nothing where both names are one file: hard links of each other, or spellings of one name on a file
 * system that ignores case. Such a file first gets a third name, which shows whether it had one name or two.
 */
import { randomUUID } from 'node:crypto';
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { foldPath, type RemotePath } from '../../../protocol/remote-path.js';
import type { StorageReplaceOptions } from '../../storage.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { isSameFile, kindOf } from '../calls/file-entry.js';
import { afterChange, withPath, fileFailure } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import { linkOrRename } from '../files/target.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** A name in an open directory. */
interface Place {
  readonly directory: OpenDirectory;
  readonly name: string;
}

/** Renames a file or directory. An error has the path of the end that it concerns. */
export async function renameInTree(
  { calls, resolver, parts, durable }: DirectoryContext,
  { from, to, overwrite }: { from: RemotePath; to: RemotePath } & StorageReplaceOptions,
): Promise<void> {
  if (to.startsWith(`${from}/`)) {
    throw new TransferError('EINVAL', 'A directory cannot be moved into itself.');
  }
  await resolver.inParent(from, async (source, name) => {
    const stats = await calls.lstat(source.at(name));
    const isDirectory = kindOf(stats) === 'directory';
    await withPath(resolver, to, () =>
      resolver.inParent(to, async (target, newName) => {
        const local = { from: source.at(name), to: target.at(newName) };
        const existing = await calls.lstatIfAny(local.to);
        const hasSameInode = existing !== undefined && from !== to && isSameFile(existing, stats);
        const places = [
          { directory: source, name },
          { directory: target, name: newName },
        ] as const;
        const isOneName = hasSameInode && (await areOneName(calls, stats, places));
        // Where inode numbers are not unique, another file may have the same one.
        const isSame = isOneName || (hasSameInode && stats.nlink > 1n);
        if (existing && !isOneName) checkTarget(existing, { isDirectory, overwrite });
        if (from === to) return;
        const mayReplace = overwrite || isDirectory;
        const aside = isSame ? source.at(`.${randomUUID()}`) : undefined;
        await withSourcePath(
          from,
          aside ? moveBy(calls, { ...local, aside }, mayReplace) : move(calls, local, mayReplace),
        );
        if (isDirectory) parts.directoryMoved(from, to);
        if (!durable) return;
        await afterChange(async () => {
          await target.sync();
          if (source.self !== target.self) await source.sync();
        });
      }),
    );
  });
}

/**
 * Whether two names of the same file are spellings of one name, and not hard links. Two links of a file are only taken for
 * one name if they differ in case, in one directory that does not list both.
 */
async function areOneName(
  calls: FileCalls,
  stats: Stats,
  [from, to]: readonly [Place, Place],
): Promise<boolean> {
  if (stats.isDirectory()) return true;
  if (foldPath(from.name as RemotePath) !== foldPath(to.name as RemotePath)) return false;
  if (stats.nlink === 1n) return true;
  const parents = await Promise.all([from, to].map(({ directory }) => calls.stat(`${directory.self}/.`)));
  const [parent, newParent] = parents;
  if (!parent || !newParent || !isSameFile(parent, newParent)) return false;
  const listed = new Set<string>();
  for await (const { name } of from.directory.names())
    if (name === from.name || name === to.name) listed.add(name);
  return listed.size < 2;
}

/** Moves a file or directory to another name of itself, by a name aside. No name of it is lost if a call fails. */
async function moveBy(
  calls: FileCalls,
  { from, to, aside }: { from: string; to: string; aside: string },
  mayReplace: boolean,
): Promise<void> {
  await calls.rename(from, aside);
  try {
    // Another program may have replaced either name since the check: only a second link of the file is removed.
    const [moved, other] = await Promise.all([calls.lstat(aside), calls.lstatIfAny(to)]);
    if (other && isSameFile(moved, other) && moved.nlink > 1n && moved.isFile()) await calls.unlink(aside);
    else await move(calls, { from: aside, to }, mayReplace);
  } catch (error) {
    await restore(calls, aside, from).catch(() => undefined);
    throw error;
  }
}

/** Moves a file or directory back from its name aside, unless another file has taken its old name. */
async function restore(calls: FileCalls, aside: string, from: string): Promise<void> {
  if ((await linkOrRename(calls, aside, from)) === 'linked') await calls.unlink(aside);
}

function checkTarget(
  existing: Stats,
  { isDirectory, overwrite }: { isDirectory: boolean; overwrite: boolean },
): void {
  if (!overwrite) throw new TransferError('EEXIST');
  if (kindOf(existing) === 'directory') throw new TransferError('EISDIR');
  if (isDirectory) throw new TransferError('ENOTDIR');
}

/** Gives errors of the move the path of the source, except those about a target that has appeared since the check. */
async function withSourcePath(from: RemotePath, moved: Promise<void>): Promise<void> {
  try {
    await moved;
  } catch (error) {
    if (hasErrno(error, 'EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY')) throw error;
    throw fileFailure(error, from);
  }
}

// Directories have no hard links: a rename of one may replace an empty directory that appeared since the check.
async function move(
  calls: FileCalls,
  { from, to }: { from: string; to: string },
  mayReplace: boolean,
): Promise<void> {
  if (mayReplace) return calls.rename(from, to);
  if ((await linkOrRename(calls, from, to)) === 'renamed') return;
  try {
    await calls.unlink(from);
  } catch (error) {
    await calls.unlink(to).catch(() => undefined);
    throw error;
  }
}
