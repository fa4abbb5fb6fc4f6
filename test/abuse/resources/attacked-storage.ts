/** Files in memory, one that has no end to speak of, and a folder that takes nothing of what is written to it. */
import { MemoryStorage, type PendingFile, type StoredFile } from '../../../src/index.js';

type Path = Parameters<MemoryStorage['read']>[0];
type WriteOptions = Parameters<MemoryStorage['write']>[1];

/** The file that is as large as a download needs. */
export const LARGE = 'large';

/** What is uploaded to names that begin so is never taken. */
export const NEVER = 'never-';

const LARGE_BYTES = 16 * 2 ** 30;

export class AttackedStorage extends MemoryStorage {
  override async read(path: Path): Promise<StoredFile> {
    if (path !== LARGE) return super.read(path);
    const entry = { path, kind: 'file' as const, size: LARGE_BYTES, mtime: new Date(0), etag: 'large' };
    return {
      entry,
      // As it is, zeros or not: what it says does not matter, and to fill it would cost what is measured.
      read: async (target, position) => Math.min(target.length, LARGE_BYTES - position),
      etag: async () => entry.etag,
      close: async () => undefined,
    };
  }

  override async write(path: Path, options: WriteOptions): Promise<PendingFile> {
    if (!path.startsWith(NEVER)) return super.write(path, options);
    return {
      write: () => new Promise(() => undefined),
      commit: () => new Promise(() => undefined),
      discard: async () => undefined,
    };
  }
}
