/** A storage that only counts the bytes it receives. */
// @ts-check
import { TransferError } from 'socket-ftp';

/** @import { FileEntry, PendingFile, RemotePath, Storage, StoredFile } from 'socket-ftp' */

/** @implements {Storage} */
export class CountingStorage {
  /** @type {(path: RemotePath) => Promise<FileEntry>} */
  async stat(path) {
    if (path === '') return { path, kind: 'directory', size: 0, mtime: new Date(0) };
    throw new TransferError('ENOENT');
  }

  async *list() {
    // It holds nothing.
  }

  /** @type {() => Promise<StoredFile>} */
  async read() {
    throw new TransferError('ENOENT');
  }

  /** @type {(path: RemotePath) => Promise<PendingFile>} */
  async write(path) {
    let size = 0;
    return {
      write: async (pieces) => {
        for (const { length } of pieces) size += length;
      },
      commit: async () => ({ path, kind: 'file', size, mtime: new Date(0), etag: String(size) }),
      discard: async () => undefined,
    };
  }
}
