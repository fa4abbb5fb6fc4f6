/**
 * Buffers that were passed on in order, until a counter shows that they can be reused.
 *
 *     acquire -> fill -> pass on -> track: [mark | buffer] [mark | buffer] -> reclaim(mark) -> BufferPool
 */
import { bufferPool, type BufferPool } from './buffer-pool.js';

export class InFlightBuffers {
  readonly #pool: BufferPool;
  readonly #maxKeptBytes: number;
  readonly #tracked: { buffer: Buffer; mark: number }[] = [];
  #keptBytes = 0;

  /** @param maxKeptBytes - limit of the tracked bytes, above which the oldest buffers are dropped */
  constructor(maxKeptBytes: number, pool: BufferPool = bufferPool) {
    this.#pool = pool;
    this.#maxKeptBytes = maxKeptBytes;
  }

  get isEmpty(): boolean {
    return this.#tracked.length === 0;
  }

  /** A buffer that belongs to the caller, after a call of `reclaim`. */
  acquire(bytes: number, mark: number): Buffer {
    this.reclaim(mark);
    return this.#pool.acquire(bytes);
  }

  /** Tracks a buffer that can be reused once the counter reaches `mark`. Marks never decrease. */
  track(buffer: Buffer, mark: number): void {
    if (!this.#pool.fits(buffer.buffer.byteLength)) return;
    this.#tracked.push({ buffer, mark });
    this.#keptBytes += buffer.length;
    while (this.#keptBytes > this.#maxKeptBytes) this.#drop();
  }

  /** Releases the buffers with at most this mark to the pool. */
  reclaim(mark: number): void {
    for (let oldest = this.#tracked[0]; oldest && oldest.mark <= mark; oldest = this.#tracked[0]) {
      this.#pool.release(oldest.buffer);
      this.#drop();
    }
  }

  /** Drops all buffers without releasing them. */
  clear(): void {
    this.#tracked.length = 0;
    this.#keptBytes = 0;
  }

  #drop(): void {
    this.#keptBytes -= this.#tracked.shift()?.buffer.length ?? 0;
  }
}
