/**
 * Buffers that small files are read into, used again when nobody holds them any more: fresh memory costs more than all
 * else that is done with such a file, and a major garbage collection for every few of megabytes of it.
 */

/** Bytes of the buffers of each kind. */
const KINDS = [4, 8, 16, 32].map((kib) => kib * 1024);

/** Bytes of the largest one. */
export const MAX_BUFFER_BYTES = 32 * 1024;

/** Bytes of all that wait to be used again. */
const MAX_FREE_BYTES = 1024 * 1024;

export class ReadingBuffers {
  readonly #free = new Map<number, Buffer[]>(KINDS.map((bytes) => [bytes, []]));
  #freeBytes = 0;

  /** A buffer that has room for so many bytes, with anything in it. */
  take(bytes: number): Buffer {
    const kind = KINDS.find((room) => room >= bytes) ?? bytes;
    const free = this.#free.get(kind)?.pop();
    if (!free) return Buffer.allocUnsafeSlow(kind);
    this.#freeBytes -= kind;
    return free;
  }

  /** Takes a buffer back. */
  give(buffer: Buffer): void {
    const { length } = buffer;
    // One whose memory was given away has no length any more.
    const free = this.#free.get(length);
    if (!free || this.#freeBytes + length > MAX_FREE_BYTES) return;
    this.#freeBytes += length;
    free.push(buffer);
  }
}
