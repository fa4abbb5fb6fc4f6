/**
 * Received bytes that wait for their reader, first in, first out. What it holds is proportional to its length, however
 * small the pieces are in which the bytes came: small ones are copied together into slabs, and a view of a much larger
 * buffer is copied out of it; only pieces that are a large part of their buffer are kept as they are.
 *
 *     small pieces --copy--> slab --(full, or something else follows)--> blocks --> take
 *     large pieces ------------------------------------------------------'
 */

/** Pieces of fewer bytes are copied, always. */
export const COPIED_BELOW_BYTES = 4 * 1024;

const MAX_SLAB_BYTES = 16 * 1024;
const NONE = Buffer.alloc(0);

/** A queue of bytes. A piece that was pushed must not be changed any more. */
export class ByteQueue {
  readonly #blocks: Buffer[] = [];
  #length = 0;
  // The slab's bytes from `sealed` to `filled` are queued behind the blocks; those from `filled` on are free.
  #slab = NONE;
  #sealed = 0;
  #filled = 0;
  readonly #timesItsLength: number;

  /** @param timesItsLength - how many times its length the memory may be that a piece is kept in */
  constructor(timesItsLength = 2) {
    this.#timesItsLength = timesItsLength;
  }

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end. */
  push(piece: Uint8Array): void {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (this.#isWorthKeeping(bytes)) {
      this.#seal();
      this.#blocks.push(bytes);
    } else {
      this.#copy(bytes);
    }
    this.#length += bytes.length;
  }

  /** Takes at most so many bytes from the front, in order, without copying them. */
  take(maxBytes: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let left = Math.min(maxBytes, this.#length); left > 0 && this.#length > 0;) {
      const piece = this.takePiece(left);
      left -= piece.length;
      taken.push(piece);
    }
    return taken;
  }

  /** Takes one piece from the front, as it is kept, or so many bytes of it; an empty one if there is none. */
  takePiece(maxBytes: number): Buffer {
    const piece = this.#front(Math.max(0, maxBytes));
    this.#length -= piece.length;
    if (piece.length === 0 && maxBytes > 0) this.#length = 0;
    // An empty queue holds nothing: idle channels are many.
    if (this.#length === 0) this.#dropSlab();
    return piece;
  }

  /** All bytes in order, without taking or copying them. */
  contents(): Buffer[] {
    this.#seal();
    return [...this.#blocks];
  }

  /** Lets go of everything. */
  clear(): void {
    this.#blocks.length = 0;
    this.#length = 0;
    this.#dropSlab();
  }

  #front(maxBytes: number): Buffer {
    // Sealing earlier would make a block, which costs more than its bytes, of every small piece that came between.
    if (this.#blocks.length === 0) this.#seal();
    // Who was given one piece may have given away the memory that others are in, too: they are lost.
    while (this.#blocks[0]?.length === 0) this.#blocks.shift();
    const block = this.#blocks[0] ?? NONE;
    if (block.length <= maxBytes) return this.#blocks.shift() ?? NONE;
    this.#blocks[0] = block.subarray(maxBytes);
    return block.subarray(0, maxBytes);
  }

  #copy(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#filled === this.#slab.length) this.#startSlab(bytes.length - at);
      const copied = bytes.copy(this.#slab, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  #startSlab(neededBytes: number): void {
    this.#seal();
    // As large as the queue, so that slabs are few and yet never more than the half of them is empty.
    const size = Math.max(neededBytes, Math.min(this.#length, MAX_SLAB_BYTES));
    this.#slab = Buffer.allocUnsafeSlow(size);
    this.#sealed = this.#filled = 0;
  }

  #seal(): void {
    if (this.#filled > this.#sealed) this.#blocks.push(this.#slab.subarray(this.#sealed, this.#filled));
    this.#sealed = this.#filled;
  }

  #dropSlab(): void {
    this.#slab = NONE;
    this.#sealed = this.#filled = 0;
  }

  #isWorthKeeping({ length, buffer }: Buffer): boolean {
    return length >= COPIED_BELOW_BYTES && length * this.#timesItsLength >= buffer.byteLength;
  }
}
