/**
 * Reuses buffers. New memory costs a page fault per 4 KiB, is in no CPU cache, and causes a major garbage collection
 * every few dozen megabytes. The buffer that was released last is reused first, because it is most likely cached.
 *
 *     acquire -> fill -> in use -> release, by the code that knows that no other reference is left -> acquire
 *
 * A buffer that is never released is ordinary memory. There is one pool for the process, and more where memory must
 * not be shared between peers. Buffers that are not used for a while are dropped, so that an idle process keeps none.
 */
import { clearInterval, setInterval } from '../clock.js';

const KIB = 1024;

/** The sizes that are kept; other sizes would rarely fit. */
const SIZES = [4, 8, 16, 32, 64, 128, 256, 512, 1_024].map((kib) => kib * KIB);

/** Smaller buffers are as cheap to allocate. */
const MIN_BYTES = 2 * KIB;

/** Default limit of the kept bytes. */
const MAX_SPARE_BYTES = 8 * KIB * KIB;

/** Interval at which the pools drop the buffers that were not used since the last time. */
const TRIM_MS = 2_000;

/** The pools that keep buffers. */
const keeping = new Set<BufferPool>();
let trimTimer: NodeJS.Timeout | undefined;

export class BufferPool {
  readonly #spare = new Map<number, Buffer[]>(SIZES.map((bytes) => [bytes, []]));
  readonly #maxBytes: number;
  #bytes = 0;
  /** The fewest bytes kept since the last `trim`: as much was not used. */
  #unusedBytes = 0;

  constructor(maxBytes = MAX_SPARE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Whether buffers of this size are kept. */
  fits(bytes: number): boolean {
    return this.#spare.has(bytes);
  }

  /** A buffer with undefined content, which belongs to the caller. */
  acquire(bytes: number): Buffer {
    const buffer = this.#spare.get(bytes)?.pop();
    if (!buffer) return Buffer.allocUnsafeSlow(bytes);
    this.#bytes -= bytes;
    this.#unusedBytes = Math.min(this.#unusedBytes, this.#bytes);
    return buffer;
  }

  /** A buffer of at least `bytes`, rounded up to a size that is kept. */
  acquireAtLeast(bytes: number): Buffer {
    return this.acquire(bytes < MIN_BYTES ? bytes : (SIZES.find((size) => size >= bytes) ?? bytes));
  }

  /** Releases a buffer to which no other reference is left. */
  release(piece: Buffer): void {
    const { buffer, byteOffset } = piece;
    const bytes = buffer.byteLength;
    const spare = this.#spare.get(bytes);
    // Less than half of its memory: it may be a slice of Node's own pool, whose other slices are in use.
    if (!spare || byteOffset > 0 || piece.length * 2 < bytes) return;
    spare.push(piece.length === bytes ? piece : Buffer.from(buffer));
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) this.#dropBeside(spare);
    keeping.add(this);
    trimTimer ??= setInterval(trimPools, TRIM_MS).unref();
  }

  releaseAll(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.release(piece);
  }

  /** Drops the buffers that were not used since the last call. Returns whether none is left. */
  trim(): boolean {
    const leftBytes = this.#bytes - this.#unusedBytes;
    while (this.#bytes > leftBytes) this.#dropBeside(undefined);
    this.#unusedBytes = this.#bytes;
    return this.#bytes === 0;
  }

  /** Drops a buffer, of another size if possible: buffers of that size may not be needed any more. */
  #dropBeside(used: Buffer[] | undefined): void {
    const other = [...this.#spare.values()].find((spare) => spare !== used && spare.length > 0);
    this.#bytes -= (other ?? used)?.shift()?.length ?? 0;
    this.#unusedBytes = Math.min(this.#unusedBytes, this.#bytes);
  }
}

/** Drops the buffers of all pools that were not used since the last call. */
export function trimPools(): void {
  for (const pool of keeping) if (pool.trim()) keeping.delete(pool);
  if (keeping.size > 0) return;
  clearInterval(trimTimer);
  trimTimer = undefined;
}

/**
 * The pool of the process. Do not release a buffer because a peer says that it is no longer used: a lying peer could
 * receive the data of another one.
 */
export const bufferPool = new BufferPool();
