/** A version that is being written into memory: copies of its pieces, joined when it is committed. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { MemoryFile } from './memory-file.js';
import type { MemorySpace } from './memory-space.js';
import type { PendingFile } from '../storage.js';

export class MemoryPending implements PendingFile {
  readonly #space: MemorySpace;
  readonly #mtime: Date | undefined;
  readonly #place: (file: MemoryFile) => FileEntry;
  #pieces: Uint8Array[] | undefined = [];
  #bytes = 0;

  /** `place` gives the version its name, or throws; then the bytes are no longer counted here. */
  constructor(space: MemorySpace, mtime: Date | undefined, place: (file: MemoryFile) => FileEntry) {
    this.#space = space;
    this.#mtime = mtime;
    this.#place = place;
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    const held = this.#held();
    for (const piece of pieces) {
      this.#take(piece.length);
      held.push(Uint8Array.from(piece));
    }
  }

  async commit(): Promise<FileEntry> {
    try {
      const file = new MemoryFile(Buffer.concat(this.#held()), this.#mtime ?? new Date());
      const entry = this.#place(file);
      this.#bytes = 0;
      return entry;
    } finally {
      this.#end();
    }
  }

  async discard(): Promise<void> {
    this.#end();
  }

  // Without these bytes it could only become a version that nobody meant.
  #take(bytes: number): void {
    try {
      this.#space.take(bytes);
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

  #held(): Uint8Array[] {
    if (!this.#pieces) throw new TransferError('EINVAL', 'This version was ended already.');
    return this.#pieces;
  }
}
