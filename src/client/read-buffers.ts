/**
 * What a socket reads into: buffers as large as what comes, so that bulk comes in large pieces, and a connection that is
 * idle, or has small answers, holds little.
 *
 *     next() -> so many bytes are read -> read(bytes) -> next() ...
 *
 * A buffer of which somebody may hold a piece is not read into again, also where it has room left. Not only must the
 * piece not change: its holder may give its memory away, and the system would write into memory that is somebody else's,
 * or nobody's any more. Workers are not given it, but byte streams of the web take it whatever it is marked as.
 */
import { markAsUntransferable } from 'node:worker_threads';
import { COPIED_BELOW_BYTES } from '../session/byte-queue.js';

const SMALLEST_BYTES = 16 * 1024;
const LARGEST_BYTES = 256 * 1024;
const STEP = 4;

export class ReadBuffers {
  #size = SMALLEST_BYTES;
  #buffer: Buffer | undefined;

  /** The buffer for the next read; the same one until something was read. */
  next(): Buffer {
    return (this.#buffer ??= this.#allocate());
  }

  /** What was read: so many bytes of the buffer for the next read. */
  read(bytes: number): Buffer {
    const buffer = this.next();
    this.#resize(bytes, buffer.length);
    const rest = buffer.subarray(bytes);
    // Of so few bytes nobody holds more than a copy.
    const isFree = bytes < COPIED_BELOW_BYTES && rest.length >= COPIED_BELOW_BYTES;
    this.#buffer = isFree && buffer.length <= SMALLEST_BYTES ? rest : undefined;
    return buffer.subarray(0, bytes);
  }

  #allocate(): Buffer {
    const buffer = Buffer.allocUnsafeSlow(this.#size);
    // What others wait for may be in it, too.
    markAsUntransferable(buffer.buffer);
    return buffer;
  }

  /** A buffer that was filled was too small; one that was filled to less than a quarter was too large. */
  #resize(bytes: number, room: number): void {
    if (bytes === room) this.#size = Math.min(this.#size * STEP, LARGEST_BYTES);
    else if (bytes < COPIED_BELOW_BYTES) this.#size = SMALLEST_BYTES;
    else if (bytes * STEP < room) this.#size = Math.max(this.#size / STEP, SMALLEST_BYTES);
  }
}
