/**
 * Buffers that were given away in order and are used again in order, each when what was in it is held by nobody any
 * more: fresh memory costs a page fault for each 4 KiB, and is in no cache.
 *
 *     take -> fill -> give away -> used: [mark | buffer] [mark | buffer] -> so many bytes are free -> take
 */

/** Bytes below which a new buffer is as cheap. */
const MIN_KEPT_BYTES = 64 * 1024;

export class UsedBuffers {
  readonly #maxKeptBytes: number;
  readonly #used: { buffer: Buffer; mark: number }[] = [];
  #keptBytes = 0;

  /** @param maxKeptBytes - of all that wait to be used again; beyond it the oldest are let go of */
  constructor(maxKeptBytes: number) {
    this.#maxKeptBytes = maxKeptBytes;
  }

  /** A buffer of so many bytes, which belongs to the caller; one that was used if its mark is at most `free`. */
  take(bytes: number, free: number): Buffer {
    const [oldest] = this.#used;
    if (oldest?.buffer.length !== bytes || oldest.mark > free) return Buffer.allocUnsafeSlow(bytes);
    this.#drop();
    return oldest.buffer;
  }

  /** What is in a buffer has been given away, and is held by nobody once `mark` bytes are free. Marks never sink. */
  used(buffer: Buffer, mark: number): void {
    if (buffer.length < MIN_KEPT_BYTES) return;
    this.#used.push({ buffer, mark });
    this.#keptBytes += buffer.length;
    while (this.#keptBytes > this.#maxKeptBytes) this.#drop();
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
