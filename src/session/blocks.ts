/**
 * Blocks of memory for bulk, used again: fresh memory costs a page fault for each 4 KiB and is in no cache, and a major
 * garbage collection for every few of megabytes of it. One pool for the process, as only one thread works with it.
 *
 *     take -> fill -> in somebody's hands -> give, by who knows that nobody holds it any more -> take
 *
 * What nobody gives back is memory like any other.
 */

/** Bytes of a block: what a stream of Node's reads at once, and no more than one write to a file should be. */
export const BLOCK_BYTES = 64 * 1024;

/** Blocks that wait to be used again: as many as a fast file and the network are apart. */
const MAX_FREE = 32;

export class Blocks {
  readonly #free: Buffer[] = [];

  /** A block, which belongs to the caller, with anything in it. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** Takes back what is the whole of a block, or its beginning, and in nobody's hands; lets go of all else. */
  give(piece: Uint8Array): void {
    if (piece.byteOffset > 0 || piece.buffer.byteLength !== BLOCK_BYTES) return;
    if (this.#free.length < MAX_FREE) this.#free.push(Buffer.from(piece.buffer));
  }
}

/** The process's. */
export const blocks = new Blocks();
