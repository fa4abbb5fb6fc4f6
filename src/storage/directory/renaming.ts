/** Renaming: of a file by a second name where nothing may be lost, of a directory by a look and a rename. */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { Stats } from './file-calls.js';
import { kindOf } from './file-entry.js';
import { unlessMissing } from './file-failure.js';
import type { Site } from './site.js';
import { giveNewName } from './target.js';
import type { WalkedDirectory } from './walked-directory.js';

/** The two ends of a renaming. */
export interface Renaming {
  readonly from: RemotePath;
  readonly to: RemotePath;
  readonly overwrite: boolean;
}

/** Renames a file or directory. */
export async function renameInTree(site: Site, { from, to, overwrite }: Renaming): Promise<void> {
  if (to.startsWith(`${from}/`)) {
    throw new TransferError('EINVAL', 'A directory cannot be moved into itself.');
  }
  const { tree, durable } = site;
  await tree.inParent(from, (source, name) =>
    tree.inParent(to, async (target, newName) => {
      await move(site, { from: source.at(name), to: target.at(newName), overwrite });
      if (durable) await syncBoth(source, target);
    }),
  );
}

async function move(
  { calls }: Site,
  { from, to, overwrite }: { from: string; to: string; overwrite: boolean },
): Promise<void> {
  const kind = kindOf(await calls.lstat(from));
  const older = await unlessMissing(calls.lstat(to));
  if (older) checkReplaceable(older, kind === 'directory', overwrite);
  // Of a directory there are no second names. One that appears now is lost only if it is empty.
  if (overwrite || kind === 'directory') return calls.rename(from, to);
  if ((await giveNewName(calls, from, to)) === 'renamed') return;
  try {
    await calls.unlink(from);
  } catch (error) {
    await calls.unlink(to).catch(() => undefined);
    throw error;
  }
}

function checkReplaceable(older: Stats, byDirectory: boolean, overwrite: boolean): void {
  if (!overwrite) throw new TransferError('EEXIST');
  if (kindOf(older) === 'directory') throw new TransferError('EISDIR');
  if (byDirectory) throw new TransferError('ENOTDIR');
}

async function syncBoth(source: WalkedDirectory, target: WalkedDirectory): Promise<void> {
  await target.sync();
  if (source.self !== target.self) await source.sync();
}
