/** A storage whose etags and times are the same in every run, and which has no permission bits, so that documents can show them. */
import { MemoryStorage, type FileEntry, type Storage } from '../../src/index.js';

const MTIME = new Date(1_700_000_000_000);

/** A storage in memory. Versions of files are called `v1`, `v2`, ... as they are first seen. */
export function numberedStorage(): Storage {
  const inner = new MemoryStorage();
  const names = new Map<string, string>();
  const named = (etag: string | undefined): string => {
    if (etag === undefined) throw new Error('A file has no etag.');
    const name = names.get(etag) ?? `v${names.size + 1}`;
    names.set(etag, name);
    return name;
  };
  const numbered = ({ mode: _mode, ...entry }: FileEntry): FileEntry =>
    entry.kind === 'file' ? { ...entry, etag: named(entry.etag) } : { ...entry, mtime: MTIME };
  return {
    stat: async (path) => numbered(await inner.stat(path)),
    async *list(path, options) {
      for await (const entry of inner.list(path, options)) yield numbered(entry);
    },
    async read(path) {
      const file = await inner.read(path);
      return {
        entry: numbered(file.entry),
        read: (target, position) => file.read(target, position),
        etag: async () => named(await file.etag()),
        close: () => file.close(),
      };
    },
    async write(path, options) {
      const pending = await inner.write(path, { ...options, mtime: options.mtime ?? MTIME });
      return {
        write: (pieces) => pending.write(pieces),
        commit: async () => numbered(await pending.commit()),
        discard: () => pending.discard(),
      };
    },
    mkdir: (path, options) => inner.mkdir(path, options),
  };
}
