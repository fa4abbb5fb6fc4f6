/** Setting the modification time of a file or directory. The access time stays as it is. */
import { constants } from 'node:fs';
import { fileDate } from '../../../fs/file-time.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { checkModificationTime } from '../../write-options.js';
import type { FileCalls } from '../calls/file-calls.js';
import { afterChange } from '../calls/file-failure.js';
import { kindOf } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Sets it, and resolves with the entry. ELOOP for a symbolic link; EACCES for the root and for what is not served. */
export async function utimesInTree(
  { calls, resolver, locks, versions, durable }: DirectoryContext,
  path: RemotePath,
  mtime: Date,
): Promise<FileEntry> {
  checkModificationTime(mtime);
  return locks.hold([path], () =>
    resolver.inParent(path, async (directory, name) => {
      const target = directory.at(name);
      const before = await calls.lstat(target);
      kindOf(before);
      if (!directory.byHandle) await directory.confirm();
      // A link that takes the name in between gets the time itself: nothing is followed.
      const change = (): Promise<void> => calls.lutimes(target, fileDate(before.atimeNs), mtime);
      await (durable ? flushed(calls, target, change) : change());
      return afterChange(async () => versions.entry(path, await calls.lstat(target), target));
    }),
  );
}

/** Changes the inode at a path, and writes it to the disk. Where it cannot be opened for that, nothing changes. */
async function flushed(calls: FileCalls, path: string, change: () => Promise<void>): Promise<void> {
  // Windows flushes only what was opened for writing, and opens no directory so.
  if (process.platform === 'win32') return change();
  const fd = await calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  try {
    await change();
    await afterChange(() => calls.fsync(fd));
  } finally {
    // After the flush, a failure loses nothing.
    await calls.close(fd, 0).catch(() => undefined);
  }
}
