/** A storage in memory with the rules of a directory storage, for tests and for files that need not outlive the process. */
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
import { rootPathError } from '../path-error.js';
import { checkMode, checkModificationTime, checkReplaceable, checkWriteOptions } from '../write-options.js';

/** Largest file that `readFile` returns, in bytes. */
const MAX_SMALL_BYTES = 64 * 1024;

/** Options of a {@link MemoryStorage}. */
export interface MemoryStorageOptions {
  /** Limit in bytes of all files, including those being written; beyond it a write fails with ENOSPC. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** A storage in the memory of this process. */
export class MemoryStorage implements Storage {
  readonly #root = new MemoryDirectory();
  readonly #space: MemorySpace;

  constructor(options: MemoryStorageOptions = {}) {
    const { maxBytes = Infinity } = options;
    if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) {
      throw new TypeError(`The option maxBytes must be a number of at least 0, not ${String(maxBytes)}.`);
    }
    this.#space = new MemorySpace(maxBytes);
  }

  /** Bytes of all files, including those being written. */
  get bytes(): number {
    return this.#space.bytes;
  }

  /** Returns the entry at a path. */
  async stat(path: RemotePath): Promise<FileEntry> {
    return this.#root.get(path).entry(path);
  }

  /** Lists a directory. */
  async *list(path: RemotePath, { recursive, onOmitted }: StorageListOptions): AsyncGenerator<FileEntry> {
    const waiting = [this.#root.directory(path).entries(path, onOmitted)];
    for (let level = waiting.pop(); level; level = waiting.pop()) {
      for (const entry of level) {
        yield entry;
        const node = recursive && entry.kind === 'directory' && this.#findIfReachable(entry.path);
        if (node && node.kind === 'directory') waiting.push(node.entries(entry.path, onOmitted));
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
    const mode = options.mode ?? this.#modeAt(path);
    return new MemoryPending(this.#space, { mtime: options.mtime, mode }, (file) => {
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
    this.#space.reserve(bytesOfPieces(pieces));
    const { mtime = new Date(), mode = this.#modeAt(path) } = options;
    return this.#put(path, new MemoryFile(Buffer.concat(pieces), mtime, mode));
  }

  /** Starts a new version of a file that begins with the bytes of the current one. */
  async append(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    checkWriteOptions(path, options);
    const base = this.#file(path);
    const guarded = { overwrite: true, ifMatch: options.ifMatch ?? base.etag };
    this.#checkReplaceable(path, guarded);
    return new MemoryPending(this.#space, { mtime: options.mtime }, ({ bytes, mtime }) => {
      this.#checkReplaceable(path, guarded);
      const file = new MemoryFile(Buffer.concat([base.bytes, bytes]), mtime, this.#modeAt(path));
      // The bytes of the base stay reserved: they are part of this version.
      this.#root.set(path, file);
      return file.entry(path);
    });
  }

  /** Sets the modification time of a file or directory. A file gets a new etag. */
  async utimes(path: RemotePath, mtime: Date): Promise<FileEntry> {
    checkModificationTime(mtime);
    if (path === REMOTE_ROOT) throw rootPathError(path);
    const node = this.#root.get(path);
    if (node.kind === 'directory') node.touch(mtime);
    else this.#root.replace(path, new MemoryFile(node.bytes, mtime, node.mode));
    return this.#root.get(path).entry(path);
  }

  /** Sets the permission bits of a file or directory. They have no effect, and a file gets a new etag. */
  async chmod(path: RemotePath, mode: number): Promise<FileEntry> {
    checkMode(mode);
    if (path === REMOTE_ROOT) throw rootPathError(path);
    const node = this.#root.get(path);
    if (node.kind === 'directory') node.setMode(mode);
    else this.#root.replace(path, new MemoryFile(node.bytes, node.mtime, mode));
    return this.#root.get(path).entry(path);
  }

  /** Creates a directory. */
  async mkdir(path: RemotePath, options: StorageMkdirOptions): Promise<void> {
    if (options.recursive) return this.#mkdirRecursive(path);
    if (this.#root.find(path)) throw new TransferError('EEXIST', undefined, { path });
    this.#root.set(path, new MemoryDirectory());
  }

  /** Removes a file or directory. EACCES for the root. */
  async remove(path: RemotePath, options: StorageRemoveOptions): Promise<void> {
    if (path === REMOTE_ROOT) throw rootPathError(path);
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
    if (from === REMOTE_ROOT || to === REMOTE_ROOT) throw rootPathError(REMOTE_ROOT);
    const node = this.#root.get(from);
    const existing = this.#root.find(to);
    if (existing && !options.overwrite) throw new TransferError('EEXIST', undefined, { path: to });
    if (existing?.kind === 'directory') throw new TransferError('EISDIR', undefined, { path: to });
    if (existing && node.kind === 'directory') throw new TransferError('ENOTDIR', undefined, { path: to });
    if (existing === node) return;
    this.#root.set(to, node);
    this.#root.delete(from);
    if (existing) this.#space.release(existing.bytes.length);
  }

  /** Copies a file. The copy shares the bytes of the original, but counts in full against `maxBytes`. */
  async copy(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry> {
    const { bytes, mode } = this.#file(from);
    checkWriteOptions(to, options);
    this.#checkReplaceable(to, options);
    this.#space.reserve(bytes.length);
    return this.#put(to, new MemoryFile(bytes, new Date(), this.#modeAt(to) ?? mode));
  }

  #findIfReachable(path: RemotePath): MemoryNode | undefined {
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

  /** The permission bits that a new version keeps; undefined if it is a new file. */
  #modeAt(path: RemotePath): number | undefined {
    const existing = this.#root.find(path);
    return existing?.kind === 'file' ? existing.mode : undefined;
  }

  #checkReplaceable(path: RemotePath, options: StorageWriteOptions): void {
    checkReplaceable(path, this.#root.find(path), options);
  }

  /** Puts a version at its path; its bytes are already reserved. */
  #put(path: RemotePath, file: MemoryFile): FileEntry {
    const existing = this.#root.find(path);
    this.#root.set(path, file);
    if (existing?.kind === 'file') this.#space.release(existing.bytes.length);
    return file.entry(path);
  }

  #mkdirRecursive(path: RemotePath): void {
    if (path === REMOTE_ROOT) return;
    // A valid path cut before a `/` is a valid path.
    const ends = [...path.matchAll(/\//g)].map(({ index }) => index);
    for (const parent of ends.map((end) => path.slice(0, end) as RemotePath)) {
      if (!this.#root.find(parent)) this.#root.set(parent, new MemoryDirectory());
    }
    const existing = this.#root.find(path);
    if (existing?.kind === 'file') throw new TransferError('EEXIST', undefined, { path });
    if (!existing) this.#root.set(path, new MemoryDirectory());
  }
}
