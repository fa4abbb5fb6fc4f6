/** A version of a file in memory. It never changes: a new version is a new one, and readers keep what they opened. */
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { StoredFile } from '../storage.js';

// Etags are not to match those of another storage, or of this program when it ran last.
const origin = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
let versions = 0;

export class MemoryFile {
  readonly kind = 'file';
  readonly bytes: Uint8Array;
  readonly mtime: Date;
  readonly etag: string;

  /** A version with these bytes, which from now on are the storage's. */
  constructor(bytes: Uint8Array, mtime: Date) {
    this.bytes = bytes;
    this.mtime = new Date(mtime);
    this.etag = `${origin}-${(++versions).toString(36)}`;
  }

  entry(path: RemotePath): FileEntry {
    const { kind, bytes, etag } = this;
    return { path, kind, size: bytes.length, mtime: new Date(this.mtime), etag };
  }

  open(path: RemotePath): StoredFile {
    return {
      entry: this.entry(path),
      read: async (target, position) => {
        const piece = this.bytes.subarray(position, position + target.length);
        target.set(piece);
        return piece.length;
      },
      etag: async () => this.etag,
      close: async () => undefined,
    };
  }
}
