/** The bytes of a header whose end has not arrived yet, copied, so that they pin no socket buffer. */
export class PartialHeader {
  #bytes: Buffer = NONE;
  #length = 0;

  /** How many bytes are kept. */
  get length(): number {
    return this.#length;
  }

  /** Keeps the bytes of `chunk` from `start` to `end`. */
  append(chunk: Buffer, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) this.#grow(needed);
    chunk.copy(this.#bytes, this.#length, start, end);
    this.#length = needed;
  }

  /** All that is kept, as a view that the next `append` may leave stale. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Lets go of everything. */
  clear(): void {
    this.#bytes = NONE;
    this.#length = 0;
  }

  #grow(needed: number): void {
    // Doubling makes a header that comes byte by byte cost its length, not its square. Not from the pool: a few bytes
    // would keep a pool block alive for as long as a peer likes to wait.
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

const FIRST_BYTES = 64;
const NONE = Buffer.alloc(0);
