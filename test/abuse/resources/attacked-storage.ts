/** A storage in memory with one practically endless file, and a folder whose writes never complete. */
import { MemoryStorage, type PendingFile, type StoredFile, type WholeFile } from '../../../src/index.js';

type Path = Parameters<MemoryStorage['read']>[0];
type WriteOptions = Parameters<MemoryStorage['write']>[1];

/** The file that is as large as a download needs. */
export const LARGE = 'large';

/** Uploads to names with this prefix never complete. */
export const NEVER = 'never-';

const LARGE_BYTES = 16 * 2 ** 30;

export class AttackedStorage extends MemoryStorage {
  override async read(path: Path): Promise<StoredFile> {
    if (path !== LARGE) return super.read(path);
    const entry = { path, kind: 'file' as const, size: LARGE_BYTES, mtime: new Date(0), etag: 'large' };
    return {
      entry,
      // The content is left uninitialised: it does not matter, and filling it would distort the measurement.
      read: async (target, position) => Math.min(target.length, LARGE_BYTES - position),
      etag: async () => entry.etag,
      close: async () => undefined,
    };
  }

  override async readFile(path: Path): Promise<WholeFile | undefined> {
    return path === LARGE ? undefined : super.readFile(path);
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
