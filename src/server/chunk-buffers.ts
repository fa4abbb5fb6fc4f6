/**
 * The buffers from which a connection's downloads are sent. A buffer is used again when its bytes have left for the
 * system: fresh memory costs a page fault for each 4 KiB, and is in no cache.
 *
 *     take -> read a file into it -> send -> sent: [mark | buffer] [mark | buffer] -> as many bytes are out -> take
 */

/** Where the bytes of a connection have come to. */
export interface OutputCount {
  /** Bytes that were given to whoever carries them. */
  readonly bytesWritten: number;
  /** How many of those have left for the system; 0 where nobody knows. */
  readonly bytesOut: number;
}

/** Bytes that are kept at most: of a lone download, what is read, what waits for its turn, and what is on its way. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/** Bytes below which a new buffer is as cheap. */
const MIN_KEPT_BYTES = 64 * 1024;

export class ChunkBuffers {
  readonly #output: OutputCount;
  readonly #sent: { buffer: Buffer; mark: number }[] = [];
  #keptBytes = 0;

  constructor(output: OutputCount) {
    this.#output = output;
  }

  /** A buffer of so many bytes, which belongs to the caller. */
  take(bytes: number): Buffer {
    const [oldest] = this.#sent;
    if (oldest?.buffer.length !== bytes || oldest.mark > this.#output.bytesOut) {
      return Buffer.allocUnsafeSlow(bytes);
    }
    this.#drop();
    return oldest.buffer;
  }

  /** What is in a buffer has been given to the carrier, and nobody else will use it. */
  sent(buffer: Buffer): void {
    if (buffer.length < MIN_KEPT_BYTES) return;
    this.#sent.push({ buffer, mark: this.#output.bytesWritten });
    this.#keptBytes += buffer.length;
    while (this.#keptBytes > MAX_KEPT_BYTES) this.#drop();
  }

  /** Lets go of all of them. */
  clear(): void {
    this.#sent.length = 0;
    this.#keptBytes = 0;
  }

  #drop(): void {
    this.#keptBytes -= this.#sent.shift()?.buffer.length ?? 0;
  }
}
