/** A directory in memory. Paths are relative to the directory. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import { listablePath } from '../listable-path.js';
import { missingParentError } from '../path-error.js';
import type { StorageListOptions } from '../storage.js';
import type { MemoryFile } from './memory-file.js';

/** Permission bits of a new directory, as most systems set them. */
const NEW_DIRECTORY_MODE = 0o755;

export type MemoryNode = MemoryFile | MemoryDirectory;

export class MemoryDirectory {
  readonly kind = 'directory';
  readonly #children = new Map<string, MemoryNode>();
  #mtime = new Date();
  #mode = NEW_DIRECTORY_MODE;

  /** The node at a path; undefined if its last name is missing. ENOENT or ENOTDIR if its parent is. */
  find(path: RemotePath): MemoryNode | undefined {
    if (path === REMOTE_ROOT) return this;
    return this.#parentOf(path).#children.get(splitPath(path).name);
  }

  /** The node at a path. ENOENT, ENOTDIR. */
  get(path: RemotePath): MemoryNode {
    const node = this.find(path);
    if (!node) throw new TransferError('ENOENT', undefined, { path });
    return node;
  }

  /** The directory at a path. ENOENT, ENOTDIR. */
  directory(path: RemotePath): MemoryDirectory {
    const names = path === REMOTE_ROOT ? [] : path.split('/');
    return names.reduce<MemoryDirectory>((directory, name) => directory.#enter(name), this);
  }

  #parentOf(path: RemotePath): MemoryDirectory {
    try {
      return this.directory(splitPath(path).directory);
    } catch (error) {
      const failure = TransferError.from(error, { path });
      throw failure.code === 'ENOENT' ? missingParentError(path) : failure;
    }
  }

  #enter(name: string): MemoryDirectory {
    const node = this.#children.get(name);
    if (!node) throw new TransferError('ENOENT');
    if (node.kind !== 'directory') throw new TransferError('ENOTDIR');
    return node;
  }

  /** Puts a node at a path, replacing the node there. */
  set(path: RemotePath, node: MemoryNode): void {
    const parent = this.#parentOf(path);
    parent.#children.set(splitPath(path).name, node);
    parent.#mtime = new Date();
  }

  /** Gives the name of a file to another version of it with the same bytes. The directory does not change by that. */
  replace(path: RemotePath, file: MemoryFile): void {
    this.#parentOf(path).#children.set(splitPath(path).name, file);
  }

  /** Sets the modification time. */
  touch(mtime: Date): void {
    this.#mtime = new Date(mtime);
  }

  /** Sets the permission bits. */
  setMode(mode: number): void {
    this.#mode = mode;
  }

  delete(path: RemotePath): void {
    const parent = this.#parentOf(path);
    parent.#children.delete(splitPath(path).name);
    parent.#mtime = new Date();
  }

  get isEmpty(): boolean {
    return this.#children.size === 0;
  }

  /** The entries of this directory, whose own path is `path`. Paths that are too long are omitted. */
  entries(path: RemotePath, onOmitted: StorageListOptions['onOmitted']): FileEntry[] {
    return [...this.#children].flatMap(([name, node]) => {
      const child = listablePath(path, name);
      if (child !== undefined) return [node.entry(child)];
      onOmitted?.(path);
      return [];
    });
  }

  /** Every file in this directory and below. */
  *files(): Generator<MemoryFile> {
    const directories: MemoryDirectory[] = [this];
    for (let next = directories.pop(); next; next = directories.pop()) {
      for (const node of next.#children.values()) {
        if (node.kind === 'file') yield node;
        else directories.push(node);
      }
    }
  }

  entry(path: RemotePath): FileEntry {
    return { path, kind: 'directory', size: 0, mtime: new Date(this.#mtime), mode: this.#mode };
  }
}
