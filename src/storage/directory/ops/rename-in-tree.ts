/** Renaming: of a file by a second name where nothing may be lost, of a directory by a look and a rename. */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls } from '../calls/file-calls.js';
import { kindOf } from '../calls/file-entry.js';
import { withPath, fileFailure } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import { linkOrRename } from '../files/target.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** The two ends of a renaming. */
export interface Renaming {
  readonly from: RemotePath;
  readonly to: RemotePath;
  readonly overwrite: boolean;
}

/** The two ends as system calls take them. */
interface Places {
  readonly from: string;
  readonly to: string;
}

/** Renames a file or directory. What fails says which of the two ends it is about. */
export async function renameInTree(site: DirectoryContext, { from, to, overwrite }: Renaming): Promise<void> {
  if (to.startsWith(`${from}/`)) {
    throw new TransferError('EINVAL', 'A directory cannot be moved into itself.');
  }
  const { calls, tree, durable } = site;
  await tree.inParent(from, async (source, name) => {
    const kind = kindOf(await calls.lstat(source.at(name)));
    await withPath(to, () =>
      tree.inParent(to, async (target, newName) => {
        const places = { from: source.at(name), to: target.at(newName) };
        await checkTarget(calls, places.to, { byDirectory: kind === 'directory', overwrite });
        const replaces = overwrite || kind === 'directory';
        await concerningSource(from, move(calls, places, replaces));
        if (durable) await syncBoth(source, target);
      }),
    );
  });
}

async function checkTarget(
  calls: FileCalls,
  to: string,
  { byDirectory, overwrite }: { byDirectory: boolean; overwrite: boolean },
): Promise<void> {
  const older = await unlessMissing(calls.lstat(to));
  if (!older) return;
  if (!overwrite) throw new TransferError('EEXIST');
  if (kindOf(older) === 'directory') throw new TransferError('EISDIR');
  if (byDirectory) throw new TransferError('ENOTDIR');
}

/** What fails about the source, though it fails at the target. */
async function concerningSource(from: RemotePath, moved: Promise<void>): Promise<void> {
  try {
    await moved;
  } catch (error) {
    // What has appeared under the new name meanwhile.
    if (hasErrno(error, 'EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY')) throw error;
    throw fileFailure(error, from);
  }
}

// Of a directory there are no second names. One that appears now is lost only if it is empty.
async function move(calls: FileCalls, { from, to }: Places, replaces: boolean): Promise<void> {
  if (replaces) return calls.rename(from, to);
  if ((await linkOrRename(calls, from, to)) === 'renamed') return;
  try {
    await calls.unlink(from);
  } catch (error) {
    await calls.unlink(to).catch(() => undefined);
    throw error;
  }
}

async function syncBoth(source: OpenDirectory, target: OpenDirectory): Promise<void> {
  await target.sync();
  if (source.self !== target.self) await source.sync();
}
