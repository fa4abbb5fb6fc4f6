/**
 * The buffers of a connection's downloads. A buffer is used again when the system has taken its bytes. The more requests
 * run, the smaller the buffers are, which bounds the memory of all downloads together.
 *
 *     take -> read the file into it -> write to the connection -> sent -> (bytes taken by the system) -> take
 */
import { setTimeout } from '../../clock.js';
import { InFlightBuffers } from '../../buffers/in-flight-buffers.js';

/** The progress of a connection's output. */
export interface OutputCount {
  /** Bytes written to the transport. */
  readonly bytesWritten: number;
  /** Bytes that the system has taken; undefined if the transport cannot tell. */
  readonly bytesFlushed: number | undefined;
  /** Whether the system takes no more bytes. */
  readonly destroyed: boolean;
}

export interface Load {
  readonly activeRequests: number;
}

const KIB = 1024;

/** Of all downloads together. */
const READ_AHEAD_BYTES = 64 * KIB * KIB;

/** A chunk is read, added to the checksum and written within the cache of a core: larger ones cost a quarter more CPU time. */
const MAX_CHUNK_BYTES = 256 * KIB;

/** In smaller chunks, calls in the thread pool take most of the time. */
const MIN_CHUNK_BYTES = 64 * KIB;

/** Chunks of one download: one is being read, one waits in the channel, and one is in flight. */
const CHUNKS = 3;

/** In-flight bytes whose buffers the pool keeps: enough for the waiting and in-flight chunks of one download. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/** Interval at which connections without requests are checked for bytes that the system has taken. */
const CHECK_MS = 50;

/** Pools of connections without requests whose last bytes are in flight. */
const resting = new Set<SendBufferPool>();

export class SendBufferPool {
  readonly #output: OutputCount;
  readonly #load: Load;
  readonly #buffers = new InFlightBuffers(MAX_KEPT_BYTES);

  constructor(output: OutputCount, load: Load) {
    this.#output = output;
    this.#load = load;
  }

  /** A buffer for the next chunk of the bytes that are left to read. The caller owns it. */
  take(leftBytes: number): Buffer {
    const chunk = chunkBytes(this.#load);
    const bytes = leftBytes > chunk / 2 ? chunk : leftBytes;
    return this.#buffers.acquire(bytes, this.#output.bytesFlushed ?? 0);
  }

  /** Returns a buffer whose bytes were written to the transport. */
  sent(buffer: Buffer): void {
    const { bytesFlushed, bytesWritten } = this.#output;
    if (bytesFlushed === undefined) return;
    // Here, too: a connection that sends only small files never takes a buffer of the pool.
    this.#buffers.reclaim(bytesFlushed);
    this.#buffers.track(buffer, bytesWritten);
  }

  /** Called when no request runs: other connections can use the buffers as soon as the system has taken their bytes. */
  rest(): void {
    if (this.settle() || resting.has(this)) return;
    if (resting.size === 0) setTimeout(checkResting, CHECK_MS).unref();
    resting.add(this);
  }

  /** Releases buffers whose bytes the system has taken, or never will. Returns whether none is left. */
  settle(): boolean {
    if (this.#output.destroyed) this.#buffers.clear();
    else this.#buffers.reclaim(this.#output.bytesFlushed ?? 0);
    return this.#buffers.isEmpty;
  }
}

/** One of few sizes, so that the buffers of one download fit another. */
function chunkBytes({ activeRequests }: Load): number {
  const part = READ_AHEAD_BYTES / CHUNKS / Math.max(1, activeRequests);
  let bytes = MAX_CHUNK_BYTES;
  while (bytes > part && bytes > MIN_CHUNK_BYTES) bytes /= 2;
  return bytes;
}

function checkResting(): void {
  for (const pool of resting) if (pool.settle()) resting.delete(pool);
  if (resting.size > 0) setTimeout(checkResting, CHECK_MS).unref();
}
