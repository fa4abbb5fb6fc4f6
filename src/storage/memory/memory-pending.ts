/** A new version of a file in memory: copies of its pieces, joined by `commit`. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { MemoryFile } from './memory-file.js';
import type { MemorySpace } from './memory-space.js';
import type { PendingFile, StorageWriteOptions } from '../storage.js';

type FileMetadata = Pick<StorageWriteOptions, 'mtime' | 'mode'>;

export class MemoryPending implements PendingFile {
  readonly #space: MemorySpace;
  readonly #metadata: FileMetadata;
  readonly #publish: (file: MemoryFile) => FileEntry;
  #pieces: Uint8Array[] | undefined = [];
  #bytes = 0;

  /** @param publish - puts the version at its path, which takes over its reserved bytes; or throws */
  constructor(space: MemorySpace, metadata: FileMetadata, publish: (file: MemoryFile) => FileEntry) {
    this.#space = space;
    this.#metadata = metadata;
    this.#publish = publish;
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    const kept = this.#openPieces();
    for (const piece of pieces) {
      this.#reserve(piece.length);
      kept.push(Uint8Array.from(piece));
    }
  }

  async commit(): Promise<FileEntry> {
    try {
      const { mtime = new Date(), mode } = this.#metadata;
      const file = new MemoryFile(Buffer.concat(this.#openPieces()), mtime, mode);
      const entry = this.#publish(file);
      this.#bytes = 0;
      return entry;
    } finally {
      this.#end();
    }
  }

  async discard(): Promise<void> {
    this.#end();
  }

  // A version that lacks these bytes must never be committed.
  #reserve(bytes: number): void {
    try {
      this.#space.reserve(bytes);
      this.#bytes += bytes;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#space.release(this.#bytes);
    this.#bytes = 0;
    this.#pieces = undefined;
  }

  #openPieces(): Uint8Array[] {
    if (!this.#pieces)
      throw new TransferError('EINVAL', 'This pending file is already committed or discarded.');
    return this.#pieces;
  }
}
