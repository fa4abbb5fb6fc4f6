/** A storage in memory, with the same rules as a directory: for tests, and for what need not outlive the process. */
import { TransferError } from '../../errors.js';
import { bytesOfPieces } from '../../fs/pieces.js';
import type { FileEntry } from '../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import { MemoryDirectory, type MemoryNode } from './memory-directory.js';
import { MemoryFile } from './memory-file.js';
import { MemoryPending } from './memory-pending.js';
import { MemorySpace } from './memory-space.js';
import type {
  StorageListOptions,
  StorageMkdirOptions,
  PendingFile,
  StorageRemoveOptions,
  StorageReplaceOptions,
  Storage,
  StoredFile,
  StorageWriteOptions,
  WholeFile,
} from '../storage.js';
import { checkModificationTime, checkWriteOptions } from '../write-options.js';

/** Largest file that is read whole, in bytes. */
const MAX_SMALL_BYTES = 64 * 1024;

/** How a memory storage works. */
export interface MemoryStorageOptions {
  /** Bytes of all files, those included that are being written (ENOSPC). Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** Files in the memory of this process. */
export class MemoryStorage implements Storage {
  readonly #root = new MemoryDirectory();
  readonly #space: MemorySpace;

  constructor(options: MemoryStorageOptions = {}) {
    const { maxBytes = Infinity } = options;
    if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) {
      throw new TypeError('The option maxBytes must be a number of bytes.');
    }
    this.#space = new MemorySpace(maxBytes);
  }

  /** Bytes of all files, those included that are being written. */
  get bytes(): number {
    return this.#space.bytes;
  }

  /** What is at a path. */
  async stat(path: RemotePath): Promise<FileEntry> {
    return this.#root.get(path).entry(path);
  }

  /** What a directory holds. */
  async *list(path: RemotePath, options: StorageListOptions): AsyncGenerator<FileEntry> {
    const waiting = [this.#root.directory(path).entries(path)];
    for (let level = waiting.pop(); level; level = waiting.pop()) {
      for (const entry of level) {
        yield entry;
        const node = options.recursive && entry.kind === 'directory' && this.#lookUp(entry.path);
        if (node && node.kind === 'directory') waiting.push(node.entries(entry.path));
      }
    }
  }

  /** Opens a file for reading. */
  async read(path: RemotePath): Promise<StoredFile> {
    return this.#file(path).open(path);
  }

  /** Reads a small file. */
  async readFile(path: RemotePath): Promise<WholeFile | undefined> {
    const file = this.#file(path);
    if (file.bytes.length > MAX_SMALL_BYTES) return undefined;
    return { entry: file.entry(path), bytes: Uint8Array.from(file.bytes) };
  }

  /** Starts a new version of a file. */
  async write(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    checkWriteOptions(path, options);
    this.#checkReplaceable(path, options);
    return new MemoryPending(this.#space, options.mtime, (file) => {
      this.#checkReplaceable(path, options);
      return this.#put(path, file);
    });
  }

  /** Stores a whole file. */
  async writeFile(
    path: RemotePath,
    pieces: readonly Uint8Array[],
    options: StorageWriteOptions,
  ): Promise<FileEntry> {
    checkWriteOptions(path, options);
    this.#checkReplaceable(path, options);
    this.#space.take(bytesOfPieces(pieces));
    return this.#put(path, new MemoryFile(Buffer.concat(pieces), options.mtime ?? new Date()));
  }

  /** Starts a new version of a file that begins with the bytes of the current one. */
  async append(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    checkWriteOptions(path, options);
    const base = this.#file(path);
    const guarded = { overwrite: true, ifMatch: options.ifMatch ?? base.etag };
    this.#checkReplaceable(path, guarded);
    return new MemoryPending(this.#space, options.mtime, ({ bytes, mtime }) => {
      this.#checkReplaceable(path, guarded);
      const file = new MemoryFile(Buffer.concat([base.bytes, bytes]), mtime);
      // The bytes of the base stay counted: they are now those of this version.
      this.#root.set(path, file);
      return file.entry(path);
    });
  }

  /** Sets the modification time of a file or directory. A file gets a new etag. */
  async utimes(path: RemotePath, mtime: Date): Promise<FileEntry> {
    checkModificationTime(mtime);
    refuseRoot(path);
    const node = this.#root.get(path);
    if (node.kind === 'directory') node.touch(mtime);
    else this.#root.replace(path, new MemoryFile(node.bytes, mtime));
    return this.#root.get(path).entry(path);
  }

  /** Makes a directory. */
  async mkdir(path: RemotePath, options: StorageMkdirOptions): Promise<void> {
    if (options.recursive) return this.#makeAll(path);
    if (this.#root.find(path)) throw new TransferError('EEXIST', undefined, { path });
    this.#root.set(path, new MemoryDirectory());
  }

  /** Removes a file or directory. EACCES for the root. */
  async remove(path: RemotePath, options: StorageRemoveOptions): Promise<void> {
    refuseRoot(path);
    const node = this.#root.get(path);
    if (node.kind === 'directory' && !node.isEmpty && !options.recursive) {
      throw new TransferError('ENOTEMPTY', undefined, { path });
    }
    this.#root.delete(path);
    const files = node.kind === 'file' ? [node] : node.files();
    for (const { bytes } of files) this.#space.release(bytes.length);
  }

  /** Renames a file or directory. */
  async rename(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<void> {
    if (to.startsWith(`${from}/`)) {
      throw new TransferError('EINVAL', 'A directory cannot be moved into itself.');
    }
    refuseRoot(from);
    refuseRoot(to);
    const node = this.#root.get(from);
    const older = this.#root.find(to);
    if (older && !options.overwrite) throw new TransferError('EEXIST', undefined, { path: to });
    if (older?.kind === 'directory') throw new TransferError('EISDIR', undefined, { path: to });
    if (older && node.kind === 'directory') throw new TransferError('ENOTDIR', undefined, { path: to });
    if (older === node) return;
    this.#root.set(to, node);
    this.#root.delete(from);
    if (older) this.#space.release(older.bytes.length);
  }

  /** Copies a file. The copy shares the bytes of the original, but counts in full. */
  async copy(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry> {
    const { bytes } = this.#file(from);
    checkWriteOptions(to, options);
    this.#checkReplaceable(to, options);
    this.#space.take(bytes.length);
    return this.#put(to, new MemoryFile(bytes, new Date()));
  }

  #lookUp(path: RemotePath): MemoryNode | undefined {
    try {
      return this.#root.find(path);
    } catch {
      return undefined;
    }
  }

  #file(path: RemotePath): MemoryFile {
    const node = this.#root.get(path);
    if (node.kind === 'directory') throw new TransferError('EISDIR', undefined, { path });
    return node;
  }

  #checkReplaceable(path: RemotePath, { overwrite, ifMatch }: StorageWriteOptions): void {
    const older = this.#root.find(path);
    if (older?.kind === 'directory') throw new TransferError('EISDIR', undefined, { path });
    if (older && !overwrite) throw new TransferError('EEXIST', undefined, { path });
    if (ifMatch !== undefined && older?.etag !== ifMatch)
      throw new TransferError('ESTALE', undefined, { path });
  }

  /** Gives a version its name; its bytes have been counted. */
  #put(path: RemotePath, file: MemoryFile): FileEntry {
    const older = this.#root.find(path);
    this.#root.set(path, file);
    if (older?.kind === 'file') this.#space.release(older.bytes.length);
    return file.entry(path);
  }

  #makeAll(path: RemotePath): void {
    if (path === REMOTE_ROOT) return;
    // What ends before a `/` of a checked path is a checked path.
    const ends = [...path.matchAll(/\//g)].map(({ index }) => index);
    for (const parent of ends.map((end) => path.slice(0, end) as RemotePath)) {
      if (!this.#root.find(parent)) this.#root.set(parent, new MemoryDirectory());
    }
    const there = this.#root.find(path);
    if (there?.kind === 'file') throw new TransferError('EEXIST', undefined, { path });
    if (!there) this.#root.set(path, new MemoryDirectory());
  }
}

function refuseRoot(path: RemotePath): void {
  if (path === REMOTE_ROOT) throw new TransferError('EACCES', 'This cannot be done to the root.');
}
