/** A read-only storage has no writing methods, so a new operation cannot forget to forbid one. */
import type { Storage } from '../storage.js';

/** Makes a storage with the reading methods of another one only, without `uploadStatus`: it has no uploads. Closing it closes the other storage. */
export function readOnly(storage: Storage): Storage {
  const readFile = storage.readFile?.bind(storage);
  const watch = storage.watch?.bind(storage);
  return {
    stat: (path) => storage.stat(path),
    list: (path, options) => storage.list(path, options),
    read: (path) => storage.read(path),
    ...(readFile && { readFile }),
    ...(watch && { watch }),
    close: async () => storage.close?.(),
  };
}
