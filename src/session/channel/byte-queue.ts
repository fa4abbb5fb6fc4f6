/**
 * Bytes in order of arrival, for whoever reads them later (`take`) or may need them once more (`contents`, `drop`). The
 * memory it holds is proportional to its length, however small the pieces are in which the bytes come.
 *
 *     push: piece --copy--> [block][block][open block ..    ] -> take, drop
 *     keep: large piece --------'  (a small one is copied)
 */
import { bufferPool } from '../../buffers/buffer-pool.js';

/** Bytes of a block: what a stream of Node's reads at once, and no more than one write to a file should be. */
export const BLOCK_BYTES = 64 * 1024;

/** Bytes for which a whole block is worth while. */
const WHOLE_FROM_BYTES = BLOCK_BYTES - BLOCK_BYTES / 4;

/** Largest block that small pieces are gathered in. */
const MAX_GATHERED_BYTES = 16 * 1024;

/** Pieces of fewer bytes are always copied. */
const COPIED_BELOW_BYTES = 4 * 1024;

const NONE = Buffer.alloc(0);

export class ByteQueue {
  readonly #full: Buffer[] = [];
  #length = 0;
  #open: Buffer = NONE;
  #filled = 0;
  readonly #isExact: boolean;

  /** @param isExact - whether what is small has no more memory than it needs, for who takes it may keep it for long */
  constructor({ isExact }: { isExact: boolean }) {
    this.#isExact = isExact;
  }

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Appends a copy of a piece. */
  push(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      if (this.#filled === this.#open.length) this.#begin(piece.length - at);
      const copied = piece.copy(this.#open, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
    this.#length += piece.length;
  }

  /** Appends a piece that does not change any more. A large one is not copied, unless its buffer is much larger. */
  keep(piece: Uint8Array): void {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (bytes.length < COPIED_BELOW_BYTES || bytes.length * 2 < bytes.buffer.byteLength)
      return this.push(bytes);
    this.#seal(this.#open.subarray(this.#filled));
    this.#full.push(bytes);
    this.#length += bytes.length;
  }

  /** All bytes in order, without taking or copying them. */
  contents(): Buffer[] {
    this.#seal(this.#open.subarray(this.#filled));
    return [...this.#full];
  }

  /** Removes bytes from the front. */
  drop(bytes: number): void {
    let left = Math.min(bytes, this.#length);
    this.#length -= left;
    while (left > 0) {
      if (this.#full.length === 0) this.#seal(this.#open.subarray(this.#filled));
      const [front] = this.#full;
      // The memory of a piece that was kept may have been transferred away.
      if (!front) return;
      if (front.length > left) this.#full[0] = front.subarray(left);
      else this.#full.shift();
      left -= front.length;
    }
  }

  /** Takes pieces from the front, in order: as many as have no more than so many bytes, or so many of the first one's. */
  take(maxBytes: number): Buffer[] {
    const taken: Buffer[] = [];
    let left = maxBytes;
    do {
      const piece = this.takePiece(left);
      left -= piece.length;
      if (piece.length > 0) taken.push(piece);
    } while (this.#frontLength > 0 && this.#frontLength <= left);
    return taken;
  }

  /** Takes one piece from the front, or so many bytes of it; an empty one if there is none. */
  takePiece(maxBytes: number): Buffer {
    if (this.#full.length === 0) this.#seal();
    const [front = NONE] = this.#full;
    if (front.length <= maxBytes) {
      this.#full.shift();
      this.#length -= front.length;
      return front;
    }
    // A copy: of a block, one has all or nothing.
    const piece = Buffer.allocUnsafeSlow(Math.max(0, maxBytes));
    front.copy(piece);
    this.#full[0] = front.subarray(piece.length);
    this.#length -= piece.length;
    return piece;
  }

  /** Removes everything, and gives the memory back to be used again: not for a queue of pieces that were kept. */
  clear(): void {
    this.#seal();
    bufferPool.releaseAll(this.#full);
    this.#full.length = 0;
    this.#length = 0;
  }

  get #frontLength(): number {
    return this.#full[0]?.length ?? this.#filled;
  }

  #begin(neededBytes: number): void {
    this.#seal();
    // As large as the queue, so that blocks are few and yet never more than the half of them is empty.
    const size = Math.max(neededBytes, Math.min(this.#length, MAX_GATHERED_BYTES));
    if (size >= WHOLE_FROM_BYTES) this.#open = bufferPool.acquire(BLOCK_BYTES);
    else this.#open = this.#isExact ? Buffer.allocUnsafeSlow(size) : bufferPool.acquireAtLeast(size);
  }

  /**
   * Ends the open block. Whoever takes it owns all of it, so that the next pieces begin another one; where pieces are only
   * looked at, they go on in the rest of its memory.
   */
  #seal(rest: Buffer = NONE): void {
    if (this.#filled > 0) this.#full.push(this.#open.subarray(0, this.#filled));
    this.#open = rest;
    this.#filled = 0;
  }
}
