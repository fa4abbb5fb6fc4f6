/**
 * Received bytes that wait for their reader, first in, first out. What it holds is proportional to its length, however
 * small the pieces are in which the bytes came: small ones are copied together into slabs, and a view of a much larger
 * buffer is copied out of it; only pieces that are most of their buffer are kept as they are.
 *
 *     small pieces --copy--> slab --(full, or something else follows)--> blocks --> take
 *     large pieces ------------------------------------------------------'
 */

const SMALL_BYTES = 4 * 1024;
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

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end. */
  push(piece: Uint8Array): void {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (isWorthKeeping(bytes)) {
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
    let left = Math.max(0, Math.min(maxBytes, this.#length));
    this.#length -= left;
    while (left > 0) {
      const piece = this.#takePiece(left);
      left -= piece.length;
      taken.push(piece);
    }
    // An empty queue holds nothing: idle channels are many.
    if (this.#length === 0) this.#dropSlab();
    return taken;
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

  #takePiece(maxBytes: number): Buffer {
    // Sealing earlier would make a block, which costs more than its bytes, of every small piece that came between.
    if (this.#blocks.length === 0) this.#seal();
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
}

function isWorthKeeping(bytes: Buffer): boolean {
  return bytes.length >= SMALL_BYTES && bytes.length * 2 >= bytes.buffer.byteLength;
}
