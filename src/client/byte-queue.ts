/**
 * Bytes in a row, added behind and let go of in front. What it holds is proportional to its length, however small the
 * pieces are in which the bytes came: small ones are copied together into slabs, and a view of a much larger buffer is
 * copied out of it; only pieces that are a large part of their buffer are kept as they are.
 *
 *     small pieces --copy--> slab --(full, or something else follows)--> blocks
 *     large pieces ------------------------------------------------------'
 */

/** Pieces of fewer bytes are copied, always. */
const COPIED_BELOW_BYTES = 4 * 1024;

const MAX_SLAB_BYTES = 16 * 1024;
const NONE = Buffer.alloc(0);

/** A piece that was pushed must not be changed any more. */
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
    if (this.#isWorthKeeping(bytes)) {
      this.#seal();
      this.#blocks.push(bytes);
    } else {
      this.#copy(bytes);
    }
    this.#length += bytes.length;
  }

  /** Lets go of so many bytes in front. */
  drop(bytes: number): void {
    const dropped = Math.min(bytes, this.#length);
    this.#length -= dropped;
    if (this.#length === 0) this.#clear();
    else this.#shift(dropped);
  }

  /** All bytes in order, without taking or copying them. */
  contents(): Buffer[] {
    this.#seal();
    return [...this.#blocks];
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

  #shift(bytes: number): void {
    for (let left = bytes; left > 0;) {
      // Sealing earlier would make a block, which costs more than its bytes, of every small piece that came between.
      if (this.#blocks.length === 0) this.#seal();
      const front = this.#blocks.shift();
      // Who gave a piece may have given its memory away.
      if (!front) return;
      if (front.length > left) this.#blocks.unshift(front.subarray(left));
      left -= front.length;
    }
  }

  #clear(): void {
    this.#blocks.length = 0;
    this.#slab = NONE;
    this.#sealed = this.#filled = 0;
  }

  #isWorthKeeping({ length, buffer }: Buffer): boolean {
    return length >= COPIED_BELOW_BYTES && length * 2 >= buffer.byteLength;
  }
}
