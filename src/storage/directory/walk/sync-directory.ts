/** Making what changed in a directory durable: a renamed file is on the disk only when its directory is. */
import { constants } from 'node:fs';
import type { FileCalls } from '../calls/file-calls.js';

/** Syncs a directory by its path. */
export async function syncDirectory(calls: FileCalls, path: string): Promise<void> {
  // Windows has no such call; NTFS keeps its own journal of names.
  if (process.platform === 'win32') return;
  const fd = await calls.open(path, constants.O_RDONLY | constants.O_DIRECTORY, 0);
  try {
    await calls.fsync(fd);
  } finally {
    await calls.close(fd, 0);
  }
}
