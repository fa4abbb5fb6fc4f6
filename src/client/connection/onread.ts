/** How the client's own sockets are read: into memory that is the next read's again as soon as it was delivered. */
import { bufferPool } from '../../buffers/buffer-pool.js';
import type { OnreadSource, StartOnread } from './socket-reader.js';

/** What one read may bring: more is no faster, and this is what a processor has close at hand. */
const READ_BYTES = 256 * 1024;

/** All sockets of the process read into the same memory, one after the other: there is no other thread. */
let shared: Buffer | undefined;

function sharedMemory(): Buffer {
  return (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
}

/** TCP and Unix sockets. */
export const plainOnread: StartOnread = (deliver) => {
  const buffer = sharedMemory();
  return {
    onread: {
      buffer,
      callback: (bytes) => {
        deliver(buffer.subarray(0, bytes));
        return true;
      },
    },
    flush: () => undefined,
  };
};

/** TLS: what the records of one turn of the event loop bring is delivered together. */
export const tlsOnread: StartOnread = (deliver) => new RecordReading(deliver);

class RecordReading implements OnreadSource {
  readonly #deliver: (chunk: Buffer) => void;
  /** Its own until the turn is over. */
  #buffer: Buffer | undefined;
  #gathered = 0;
  #scheduled: NodeJS.Immediate | undefined;
  readonly onread: OnreadSource['onread'];

  constructor(deliver: (chunk: Buffer) => void) {
    this.#deliver = deliver;
    const buffer = sharedMemory();
    this.onread = {
      buffer,
      callback: (bytes) => {
        this.#gather(buffer.subarray(0, bytes));
        return true;
      },
    };
  }

  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#gathered > 0) this.#pass();
  }

  #gather(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const room = (this.#buffer ??= bufferPool.acquire(READ_BYTES));
      const copied = bytes.copy(room, this.#gathered, at);
      at += copied;
      this.#gathered += copied;
      if (this.#gathered === room.length) this.#pass();
    }
    if (this.#gathered > 0) this.#scheduled ??= setImmediate(() => this.flush());
  }

  #pass(): void {
    const buffer = this.#buffer;
    const gathered = this.#gathered;
    this.#buffer = undefined;
    this.#gathered = 0;
    if (!buffer) return;
    this.#deliver(buffer.subarray(0, gathered));
    bufferPool.release(buffer);
  }
}
