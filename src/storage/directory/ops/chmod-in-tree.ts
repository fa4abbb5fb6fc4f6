/** Setting the permission bits of a file or directory. */
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessDenied } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { checkMode } from '../../write-options.js';
import type { FileCalls } from '../calls/file-calls.js';
import { HAS_MODES, kindOf } from '../calls/file-entry.js';
import { afterChange } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Set-group-ID and sticky: a directory keeps them, as they decide about the files in it. */
const DIRECTORY_BITS = 0o3000n;

/** Sets them, and resolves with the entry. ELOOP for a symbolic link; EACCES for the root and for what is not served. */
export async function chmodInTree(
  { calls, resolver, locks, versions, durable }: DirectoryContext,
  path: RemotePath,
  mode: number,
): Promise<FileEntry> {
  checkMode(mode);
  if (!HAS_MODES) throw new TransferError('ENOTSUP', 'The files of this system have no permission bits.');
  return locks.hold([path], () =>
    resolver.inParent(path, async (directory, name) => {
      const target = directory.at(name);
      const stats = await calls.lstat(target);
      const kind = kindOf(stats);
      const kept = kind === 'directory' ? Number(stats.mode & DIRECTORY_BITS) : 0;
      const change = (): Promise<void> => directory.chmod(name, stats, mode | kept);
      await (durable ? flushed(calls, target, change) : change());
      return afterChange(async () => versions.entry(path, await calls.lstat(target), target));
    }),
  );
}

/** Changes the inode at a path, and writes it to the disk, if it can be opened for that before or after the change. */
async function flushed(calls: FileCalls, path: string, change: () => Promise<void>): Promise<void> {
  const open = (): Promise<number | undefined> =>
    unlessDenied(calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  const before = await open();
  try {
    await change();
  } catch (error) {
    if (before !== undefined) await calls.close(before, 0).catch(() => undefined);
    throw error;
  }
  await afterChange(async () => {
    const fd = before ?? (await open());
    if (fd === undefined) return;
    await calls.fsync(fd).finally(() => calls.close(fd, 0).catch(() => undefined));
  });
}
