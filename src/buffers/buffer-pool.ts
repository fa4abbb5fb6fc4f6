/**
 * Buffers that nobody holds any more, to be used again: fresh memory costs a page fault for each 4 KiB and is in no cache,
 * and every few dozen megabytes of it a major garbage collection. What was put in last is taken first: it is nearest to
 * the processor. There is one store for the process, and others where memory must stay with one peer.
 *
 *     take -> fill -> in somebody's hands -> give, by who knows that nobody holds it any more -> take
 *
 * What nobody gives back is memory like any other.
 */

const KIB = 1024;

/** Sizes that are kept: others hardly ever fit. */
const SIZES = [4, 8, 16, 32, 64, 128, 256, 512].map((kib) => kib * KIB);

/** Bytes below which a new buffer is as cheap. */
const MIN_BYTES = 2 * KIB;

/** Bytes that are kept at most, unless somebody says so. */
const MAX_SPARE_BYTES = 8 * KIB * KIB;

export class BufferPool {
  readonly #spare = new Map<number, Buffer[]>(SIZES.map((bytes) => [bytes, []]));
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_SPARE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a buffer of so many bytes would be kept, if it were given. */
  fits(bytes: number): boolean {
    return this.#spare.has(bytes);
  }

  /** A buffer of so many bytes, which belongs to the caller, with anything in it. */
  acquire(bytes: number): Buffer {
    const buffer = this.#spare.get(bytes)?.pop();
    if (!buffer) return Buffer.allocUnsafeSlow(bytes);
    this.#bytes -= bytes;
    return buffer;
  }

  /** One that has room for so many bytes, and hardly more than twice as much: what is kept may be of any length then. */
  acquireAtLeast(bytes: number): Buffer {
    return this.acquire(bytes < MIN_BYTES ? bytes : (SIZES.find((size) => size >= bytes) ?? bytes));
  }

  /** Takes back what is in nobody's hands; lets go of all that is of no use. */
  release(piece: Buffer): void {
    const { buffer, byteOffset } = piece;
    const bytes = buffer.byteLength;
    const spare = this.#spare.get(bytes);
    // What is less than a half of its memory may be a slice of Node's pool, whose other ones are somebody's.
    if (!spare || byteOffset > 0 || piece.length * 2 < bytes) return;
    spare.push(piece.length === bytes ? piece : Buffer.from(buffer));
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) this.#dropBeside(spare);
  }

  /** Takes all of them back. */
  releaseAll(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.release(piece);
  }

  /** Of a size that is not asked for now there may be as many as were once. */
  #dropBeside(used: Buffer[]): void {
    const other = [...this.#spare.values()].find((spare) => spare !== used && spare.length > 0);
    this.#bytes -= (other ?? used).shift()?.length ?? 0;
  }
}

/**
 * The process's. Only who knows by himself that nobody holds a buffer any more may give it: a peer's word for that would
 * let one peer be sent what was meant for another.
 */
export const bufferPool = new BufferPool();
