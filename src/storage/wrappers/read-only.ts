/** Read-only by what it lacks: there is no writing method that a new command could forget to forbid. */
import type { Storage } from '../storage.js';

/** A storage that shows what another one holds, and has none of the methods that write. Closing it closes the other. */
export function readOnly(storage: Storage): Storage {
  const readFile = storage.readFile?.bind(storage);
  return {
    stat: (path) => storage.stat(path),
    list: (path, options) => storage.list(path, options),
    read: (path) => storage.read(path),
    ...(readFile && { readFile }),
    close: async () => storage.close?.(),
  };
}
