/**
 * A queue of bytes, either to read later (`take`) or to keep in case they are needed again (`contents`, `drop`). Its
 * memory is proportional to its length, however small the pieces are.
 *
 *     push: piece --copy--> [block][block][open block ..    ] -> take, drop
 *     keep: large piece --------'  (a small piece is copied)
 */
import { bufferPool } from '../../buffers/buffer-pool.js';

/** Bytes of a block, the chunk size of Node's streams. */
export const BLOCK_BYTES = 64 * 1024;

/** Bytes from which a whole block is allocated. */
const WHOLE_FROM_BYTES = BLOCK_BYTES - BLOCK_BYTES / 4;

/** Largest block for small pieces. */
const MAX_GATHERED_BYTES = 16 * 1024;

/** Smaller pieces are always copied. */
const COPIED_BELOW_BYTES = 4 * 1024;

/** No bytes. */
export const NONE = Buffer.alloc(0);

export class ByteQueue {
  /** Bytes in the queue. */
  length = 0;
  readonly #full: Buffer[] = [];
  #open: Buffer = NONE;
  #filled = 0;
  readonly #isExact: boolean;

  /** @param isExact - allocates small blocks in their exact size, for readers that may keep them for long */
  constructor({ isExact }: { isExact: boolean }) {
    this.#isExact = isExact;
  }

  /** Appends a copy of a piece. */
  push(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      if (this.#filled === this.#open.length) this.#begin(piece.length - at);
      const copied = piece.copy(this.#open, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
    this.length += piece.length;
  }

  /** Appends a piece that will not change. A large piece is not copied, unless it is a small part of its buffer. */
  keep(piece: Uint8Array): void {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (bytes.length < COPIED_BELOW_BYTES || bytes.length * 2 < bytes.buffer.byteLength)
      return this.push(bytes);
    this.#seal(this.#open.subarray(this.#filled));
    this.#full.push(bytes);
    this.length += bytes.length;
  }

  /** All bytes in order, without removing or copying them. */
  contents(): Buffer[] {
    this.#seal(this.#open.subarray(this.#filled));
    return [...this.#full];
  }

  /** Removes bytes from the front. */
  drop(bytes: number): void {
    let left = Math.min(bytes, this.length);
    this.length -= left;
    while (left > 0) {
      if (this.#full.length === 0) this.#seal(this.#open.subarray(this.#filled));
      const [front] = this.#full;
      // The buffer of a kept piece may have been transferred, which leaves it empty.
      if (!front) return;
      if (front.length > left) this.#full[0] = front.subarray(left);
      else this.#full.shift();
      left -= front.length;
    }
  }

  /** Takes whole pieces from the front, at most `maxBytes` in all, or the first `maxBytes` of the first piece. */
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

  /** Takes the first piece, or its first `maxBytes`. Returns an empty buffer if the queue is empty. */
  takePiece(maxBytes: number): Buffer {
    if (this.#full.length === 0) this.#seal();
    const [front = NONE] = this.#full;
    if (front.length <= maxBytes) {
      this.#full.shift();
      this.length -= front.length;
      return front;
    }
    // A copy, because the taker of a block owns all of its memory.
    const piece = Buffer.allocUnsafeSlow(Math.max(0, maxBytes));
    front.copy(piece);
    this.#full[0] = front.subarray(piece.length);
    this.length -= piece.length;
    return piece;
  }

  /** Removes everything and releases the blocks to the pool. Not for a queue with kept pieces. */
  clear(): void {
    this.#seal();
    bufferPool.releaseAll(this.#full);
    this.#full.length = 0;
    this.length = 0;
  }

  get #frontLength(): number {
    return this.#full[0]?.length ?? this.#filled;
  }

  #begin(neededBytes: number): void {
    this.#seal();
    // As large as the queue: few blocks, and at most half of one is unused.
    const size = Math.max(neededBytes, Math.min(this.length, MAX_GATHERED_BYTES));
    if (size >= WHOLE_FROM_BYTES) this.#open = bufferPool.acquire(BLOCK_BYTES);
    else this.#open = this.#isExact ? Buffer.allocUnsafeSlow(size) : bufferPool.acquireAtLeast(size);
  }

  /** Closes the open block. The next one starts in `rest`, unless the closed block is taken with all of its memory. */
  #seal(rest: Buffer = NONE): void {
    if (this.#filled > 0) this.#full.push(this.#open.subarray(0, this.#filled));
    this.#open = rest;
    this.#filled = 0;
  }
}
