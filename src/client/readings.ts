/** How the client's own sockets are read. */
import type { Reading, StartReading } from './socket-reader.js';
import { ReadBuffers } from './read-buffers.js';

/** TCP and Unix sockets: the system reads into a buffer that is handed on as it is. */
export const readPlain: StartReading = (deliver) => {
  const buffers = new ReadBuffers();
  return {
    onread: {
      buffer: () => buffers.next(),
      callback: (bytes) => {
        deliver(buffers.read(bytes));
        return true;
      },
    },
    flush: () => undefined,
  };
};

/** Bytes that a record of TLS has at most. */
const RECORD_BYTES = 16 * 1024;

/** TLS: what the records of one turn of the event loop bring is copied together. */
export const readRecords: StartReading = (deliver) => new RecordReading(deliver);

class RecordReading implements Reading {
  readonly #deliver: (chunk: Buffer) => void;
  readonly #buffers = new ReadBuffers();
  #gathered = 0;
  #scheduled: NodeJS.Immediate | undefined;
  readonly onread: Reading['onread'];

  constructor(deliver: (chunk: Buffer) => void) {
    this.#deliver = deliver;
    const record = Buffer.allocUnsafeSlow(RECORD_BYTES);
    this.onread = {
      buffer: record,
      callback: (bytes) => {
        this.#gather(record.subarray(0, bytes));
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
      const room = this.#buffers.next();
      const copied = bytes.copy(room, this.#gathered, at);
      at += copied;
      this.#gathered += copied;
      if (this.#gathered === room.length) this.#pass();
    }
    if (this.#gathered > 0) this.#scheduled ??= setImmediate(() => this.flush());
  }

  #pass(): void {
    const gathered = this.#gathered;
    this.#gathered = 0;
    this.#deliver(this.#buffers.read(gathered));
  }
}
