/**
 * Received bytes that wait for their reader, first in, first out, in memory of their own: what they come in is read into
 * again. Whoever takes a piece has its memory for himself.
 *
 *     pieces --copy--> [block][block][open block ..    ] -> take
 */
import { spareBuffers } from '../memory/spare-buffers.js';

/** Bytes of a block: what a stream of Node's reads at once, and no more than one write to a file should be. */
export const BLOCK_BYTES = 64 * 1024;

/** Bytes for which a whole block is worth while. */
const WHOLE_FROM_BYTES = BLOCK_BYTES - BLOCK_BYTES / 4;

/** Pieces that come one by one and wait are put together in blocks of up to so many bytes. */
const MAX_GATHERED_BYTES = 16 * 1024;

const NONE = Buffer.alloc(0);

/** Pieces that are pushed are the caller's again. */
export class BlockQueue {
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

  /** Adds bytes at the end. */
  push(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      if (this.#filled === this.#open.length) this.#begin(piece.length - at);
      const copied = piece.copy(this.#open, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
    this.#length += piece.length;
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

  /** Lets go of everything. */
  clear(): void {
    this.#seal();
    spareBuffers.giveAll(this.#full);
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
    if (size >= WHOLE_FROM_BYTES) this.#open = spareBuffers.take(BLOCK_BYTES);
    else this.#open = this.#isExact ? Buffer.allocUnsafeSlow(size) : spareBuffers.takeRoom(size);
  }

  /** Who takes what is in the open block has all of it: nothing is written behind it any more. */
  #seal(): void {
    if (this.#filled > 0) this.#full.push(this.#open.subarray(0, this.#filled));
    this.#open = NONE;
    this.#filled = 0;
  }
}
