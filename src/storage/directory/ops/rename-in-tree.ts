/** Renames a file or directory. A file gets its new name by a hard link if it must not replace another one. */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageReplaceOptions } from '../../storage.js';
import type { FileCalls } from '../calls/file-calls.js';
import { kindOf } from '../calls/file-entry.js';
import { withPath, fileFailure } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import { linkOrRename } from '../files/target.js';

/** Renames a file or directory. An error has the path of the end that it concerns. */
export async function renameInTree(
  { calls, resolver, durable }: DirectoryContext,
  { from, to, overwrite }: { from: RemotePath; to: RemotePath } & StorageReplaceOptions,
): Promise<void> {
  if (to.startsWith(`${from}/`)) {
    throw new TransferError('EINVAL', 'A directory cannot be moved into itself.');
  }
  await resolver.inParent(from, async (source, name) => {
    const kind = kindOf(await calls.lstat(source.at(name)));
    await withPath(resolver, to, () =>
      resolver.inParent(to, async (target, newName) => {
        const local = { from: source.at(name), to: target.at(newName) };
        await checkTarget(calls, local.to, { isDirectory: kind === 'directory', overwrite });
        const mayReplace = overwrite || kind === 'directory';
        await withSourcePath(from, move(calls, local, mayReplace));
        if (!durable) return;
        await target.sync();
        if (source.self !== target.self) await source.sync();
      }),
    );
  });
}

async function checkTarget(
  calls: FileCalls,
  to: string,
  { isDirectory, overwrite }: { isDirectory: boolean; overwrite: boolean },
): Promise<void> {
  const existing = await unlessMissing(calls.lstat(to));
  if (!existing) return;
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
