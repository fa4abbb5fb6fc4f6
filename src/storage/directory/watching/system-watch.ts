/** The watch of one directory by the operating system. */
import fs, { type FSWatcher } from 'node:fs';

/**
 * Watches a directory, not what is below it. Calls back with the name of an entry that may have changed, or null if the
 * system does not tell the name. Throws if the system cannot watch another directory (ENOSPC, EMFILE).
 */
export type SystemWatch = (localPath: string, onEvent: (name: string | null) => void) => FSWatcher;

export const systemWatch: SystemWatch = (localPath, onEvent) =>
  fs.watch(localPath, { persistent: false }, (_type, name) => onEvent(name));

export function closeWatcher(watcher: FSWatcher | undefined): void {
  // A failure that is reported late must not end the process.
  watcher?.on('error', () => undefined).close();
}
