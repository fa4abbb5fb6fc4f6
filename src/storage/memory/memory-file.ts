/** A version of a file in memory. It never changes, so a reader keeps the version that it opened. */
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { StoredFile } from '../storage.js';

// Makes etags differ from those of other processes and of earlier runs.
const origin = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
let versions = 0;

/** Permission bits of a new file, as most systems set them. */
const NEW_FILE_MODE = 0o644;

export class MemoryFile {
  readonly kind = 'file';
  readonly bytes: Uint8Array;
  readonly mtime: Date;
  readonly etag: string;
  readonly mode: number;

  /** Takes over the bytes: the caller must not change them. */
  constructor(bytes: Uint8Array, mtime: Date, mode: number = NEW_FILE_MODE) {
    this.bytes = bytes;
    this.mode = mode;
    this.mtime = new Date(mtime);
    this.etag = `${origin}-${(++versions).toString(36)}`;
  }

  entry(path: RemotePath): FileEntry {
    const { kind, bytes, etag, mode } = this;
    return { path, kind, size: bytes.length, mtime: new Date(this.mtime), etag, mode };
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
