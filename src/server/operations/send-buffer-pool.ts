/**
 * The buffers from which a connection's downloads are sent: used again when their bytes have left for the system. They
 * are small where many downloads run, so that all of them together read ahead no more than the server affords.
 */
import { InFlightBuffers } from '../../buffers/in-flight-buffers.js';

/** Where the bytes of a connection have come to. */
export interface OutputCount {
  /** Bytes that were given to whoever carries them. */
  readonly bytesWritten: number;
  /** How many of those have left for the system; undefined where nobody knows. */
  readonly bytesFlushed: number | undefined;
  /** Whether no more will leave. */
  readonly destroyed: boolean;
}

/** The requests that a server serves now. */
export interface Load {
  readonly activeRequests: number;
}

const KIB = 1024;

/** Bytes that all downloads together read ahead. */
const READ_AHEAD_BYTES = 64 * KIB * KIB;

/** Bytes of a buffer at most: each read costs a trip through the thread pool, and larger reads are no faster. */
const MAX_CHUNK_BYTES = 512 * KIB;

/** Bytes of a buffer at least, unless less is left: with smaller reads the trips take most of the time. */
const MIN_CHUNK_BYTES = 64 * KIB;

/** Chunks of one download: one is being read, one waits for its turn, and one is on its way. */
const CHUNKS = 3;

/** Bytes that are awaited at most: of a lone download, what waits for its turn, and what is on its way. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/** Milliseconds after which it is looked whether the last bytes of a connection without requests have left. */
const LOOK_MS = 50;

/** Those whose connections have nothing to do, and whose last bytes are on their way. */
const resting = new Set<SendBufferPool>();

export class SendBufferPool {
  readonly #output: OutputCount;
  readonly #load: Load;
  readonly #buffers = new InFlightBuffers(MAX_KEPT_BYTES);

  constructor(output: OutputCount, load: Load) {
    this.#output = output;
    this.#load = load;
  }

  /** A buffer for the next bytes of so many that are left to read. It belongs to the caller. */
  take(leftBytes: number): Buffer {
    const chunk = chunkBytes(this.#load);
    const bytes = leftBytes > chunk / 2 ? chunk : leftBytes;
    return this.#buffers.acquire(bytes, this.#output.bytesFlushed ?? 0);
  }

  /** What is in a buffer has been given to the carrier, and nobody else will use it. */
  sent(buffer: Buffer): void {
    const { bytesFlushed, bytesWritten } = this.#output;
    if (bytesFlushed === undefined) return;
    // Of many small ones none may ever be taken from here.
    this.#buffers.reclaim(bytesFlushed);
    this.#buffers.track(buffer, bytesWritten);
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
    else this.#buffers.reclaim(this.#output.bytesFlushed ?? 0);
    return this.#buffers.isEmpty;
  }
}

/** Bytes to read at once: few sizes, so that the buffers of one download fit another. */
function chunkBytes({ activeRequests }: Load): number {
  const part = READ_AHEAD_BYTES / CHUNKS / Math.max(1, activeRequests);
  let bytes = MAX_CHUNK_BYTES;
  while (bytes > part && bytes > MIN_CHUNK_BYTES) bytes /= 2;
  return bytes;
}

function look(): void {
  for (const buffers of resting) if (buffers.settle()) resting.delete(buffers);
  if (resting.size > 0) setTimeout(look, LOOK_MS).unref();
}
