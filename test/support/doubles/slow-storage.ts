/** A storage in memory whose calls wait, each one, for a gate of the test. */
import { MemoryStorage, type PendingFile, type Storage, type StoredFile } from '../../../src/index.js';

/** Wraps every method of an object, so that it waits for the gate before it is called. */
function gated<Methods extends object>(methods: Methods, gate: () => Promise<void>): Methods {
  return new Proxy(methods, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]) => {
        await gate();
        return (value as (...given: unknown[]) => unknown).apply(target, given);
      };
    },
  });
}

/** A storage without whole-file methods, so that each file takes several calls. */
export function slowStorage(gate: () => Promise<void>, memory = new MemoryStorage()): Storage {
  const slow = gated(memory, gate);
  const stored = async (file: Promise<StoredFile>): Promise<StoredFile> => gated(await file, gate);
  const pending = async (file: Promise<PendingFile>): Promise<PendingFile> => gated(await file, gate);
  return {
    stat: (path) => slow.stat(path),
    async *list(path, options) {
      for await (const entry of memory.list(path, options)) {
        await gate();
        yield entry;
      }
      await gate();
    },
    read: (path) => stored(slow.read(path)),
    write: (path, options) => pending(slow.write(path, options)),
    append: (path, options) => pending(slow.append(path, options)),
    mkdir: (path, options) => slow.mkdir(path, options),
    remove: (path, options) => slow.remove(path, options),
    rename: (from, to, options) => slow.rename(from, to, options),
    copy: (from, to, options) => slow.copy(from, to, options),
    utimes: (path, mtime) => slow.utimes(path, mtime),
  };
}
