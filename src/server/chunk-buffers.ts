/** The buffers from which a connection's downloads are sent: used again when their bytes have left for the system. */
import { UsedBuffers } from '../session/used-buffers.js';

/** Where the bytes of a connection have come to. */
export interface OutputCount {
  /** Bytes that were given to whoever carries them. */
  readonly bytesWritten: number;
  /** How many of those have left for the system; 0 where nobody knows. */
  readonly bytesOut: number;
}

/** Bytes that are kept at most: of a lone download, what is read, what waits for its turn, and what is on its way. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

export class ChunkBuffers {
  readonly #output: OutputCount;
  readonly #buffers = new UsedBuffers(MAX_KEPT_BYTES);

  constructor(output: OutputCount) {
    this.#output = output;
  }

  /** A buffer of so many bytes, which belongs to the caller. */
  take(bytes: number): Buffer {
    return this.#buffers.take(bytes, this.#output.bytesOut);
  }

  /** What is in a buffer has been given to the carrier, and nobody else will use it. */
  sent(buffer: Buffer): void {
    this.#buffers.used(buffer, this.#output.bytesWritten);
  }

  /** Lets go of all of them. */
  clear(): void {
    this.#buffers.clear();
  }
}
