/**
 * Changes in a directory that clients do not see, and that leave its modification time as it was: a tree that was made
 * equal to another one stays equal when its private folders are removed later.
 */
import type { FileCalls } from '../calls/file-calls.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/**
 * Runs a change in a directory and sets the directory's modification time back. A change by another program between the
 * calls loses its time, too: the calls follow each other directly. Only the owner of a directory may set its times.
 */
export async function keepingTime(
  calls: FileCalls,
  directory: OpenDirectory,
  change: () => Promise<void>,
): Promise<void> {
  const self = directory.at('.');
  const before = await calls.lstat(self).catch(() => undefined);
  await change();
  if (before) await calls.resetTimes(self, before).catch(() => undefined);
}
