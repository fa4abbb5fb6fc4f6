/**
 * Buffers that were given away in order, until what was in them is held by nobody any more.
 *
 *     take -> fill -> give away -> used: [mark | buffer] [mark | buffer] -> so many bytes are free -> spare
 */
import { bufferPool, type BufferPool } from './buffer-pool.js';

export class InFlightBuffers {
  readonly #pool: BufferPool;
  readonly #maxKeptBytes: number;
  readonly #used: { buffer: Buffer; mark: number }[] = [];
  #keptBytes = 0;

  /** @param maxKeptBytes - of all that are awaited; beyond it the oldest are let go of */
  constructor(maxKeptBytes: number, store: BufferPool = bufferPool) {
    this.#pool = store;
    this.#maxKeptBytes = maxKeptBytes;
  }

  /** Whether nothing is awaited. */
  get isEmpty(): boolean {
    return this.#used.length === 0;
  }

  /** A buffer of so many bytes, which belongs to the caller. Those with a mark of at most `free` are spare again. */
  acquire(bytes: number, free: number): Buffer {
    this.reclaim(free);
    return this.#pool.acquire(bytes);
  }

  /**
   * What is in a buffer has been given away, and is held by nobody once `mark` bytes are free. Marks never sink. One that
   * is of no use later is let go of, so that those that are awaited are few: none has less than 4 KiB.
   */
  track(buffer: Buffer, mark: number): void {
    if (!this.#pool.fits(buffer.buffer.byteLength)) return;
    this.#used.push({ buffer, mark });
    this.#keptBytes += buffer.length;
    while (this.#keptBytes > this.#maxKeptBytes) this.#drop();
  }

  /** Makes those spare that have a mark of at most `free`. */
  reclaim(free: number): void {
    for (let oldest = this.#used[0]; oldest && oldest.mark <= free; oldest = this.#used[0]) {
      this.#pool.release(oldest.buffer);
      this.#drop();
    }
  }

  /** Lets go of all of them. */
  clear(): void {
    this.#used.length = 0;
    this.#keptBytes = 0;
  }

  #drop(): void {
    this.#keptBytes -= this.#used.shift()?.buffer.length ?? 0;
  }
}
