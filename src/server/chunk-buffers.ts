/** The buffers from which a connection's downloads are sent: used again when their bytes have left for the system. */
import { UsedBuffers } from '../session/used-buffers.js';

/** Where the bytes of a connection have come to. */
export interface OutputCount {
  /** Bytes that were given to whoever carries them. */
  readonly bytesWritten: number;
  /** How many of those have left for the system; undefined where nobody knows. */
  readonly bytesOut: number | undefined;
  /** Whether no more will leave. */
  readonly destroyed: boolean;
}

/** Bytes that are awaited at most: of a lone download, what waits for its turn, and what is on its way. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/** Milliseconds after which it is looked whether the last bytes of a connection without requests have left. */
const LOOK_MS = 50;

/** Those whose connections have nothing to do, and whose last bytes are on their way. */
const resting = new Set<ChunkBuffers>();

export class ChunkBuffers {
  readonly #output: OutputCount;
  readonly #buffers = new UsedBuffers(MAX_KEPT_BYTES);

  constructor(output: OutputCount) {
    this.#output = output;
  }

  /** A buffer of so many bytes, which belongs to the caller. */
  take(bytes: number): Buffer {
    return this.#buffers.take(bytes, this.#output.bytesOut ?? 0);
  }

  /** What is in a buffer has been given to the carrier, and nobody else will use it. */
  sent(buffer: Buffer): void {
    const { bytesOut, bytesWritten } = this.#output;
    if (bytesOut === undefined) return;
    // Of many small ones none may ever be taken from here.
    this.#buffers.reclaim(bytesOut);
    this.#buffers.used(buffer, bytesWritten);
  }

  /** There is nothing more to send for now: what has left is for others to use. */
  rest(): void {
    if (this.settle() || resting.has(this)) return;
    if (resting.size === 0) setTimeout(look, LOOK_MS).unref();
    resting.add(this);
  }

  /** Lets go of what has left, or never will; whether that is all. */
  settle(): boolean {
    if (this.#output.destroyed) this.#buffers.clear();
    else this.#buffers.reclaim(this.#output.bytesOut ?? 0);
    return this.#buffers.isEmpty;
  }
}

function look(): void {
  for (const buffers of resting) if (buffers.settle()) resting.delete(buffers);
  if (resting.size > 0) setTimeout(look, LOOK_MS).unref();
}
