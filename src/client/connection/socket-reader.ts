/**
 * Reads the client's own sockets by Node's `onread` instead of 'data' events: those bring at most 64 KiB, with TLS
 * 16 KiB, and each chunk costs the session as much as a large one.
 *
 *     socket -> onread -> SocketReader -> readTo's receiver, or #early before there is one -> pause if it returns false
 */
import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { clearImmediate, setImmediate } from '../../clock.js';
import { bufferPool } from '../../buffers/buffer-pool.js';
import type { Reader, Receive } from '../../session/transport/transport.js';

/** Bytes of one read: larger ones are no faster, and this much fits into a processor's cache. */
const READ_BYTES = 256 * 1024;

interface OnreadSource {
  readonly onread: OnReadOpts;
  /** Delivers the bytes that are still held back. */
  flush(): void;
}

/** Starts to read with `onread`. A chunk that is delivered is valid only during the call. */
export type StartOnread = (deliver: (chunk: Buffer) => void) => OnreadSource;

let sharedBuffer: Buffer | undefined;

/** All sockets of the thread read into the same memory, one after the other. */
function onreadOf(deliver: (chunk: Buffer) => void): OnReadOpts {
  const buffer = (sharedBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES));
  const callback = (bytes: number): true => {
    deliver(buffer.subarray(0, bytes));
    return true;
  };
  return { buffer, callback };
}

/** For TCP and Unix sockets. */
export const plainOnread: StartOnread = (deliver) => ({
  onread: onreadOf(deliver),
  flush: () => undefined,
});

/** For TLS: the records that arrive in one tick of the event loop are delivered together. */
export const tlsOnread: StartOnread = (deliver) => new RecordCollector(deliver);

class RecordCollector implements OnreadSource {
  readonly onread = onreadOf((bytes) => this.#collect(bytes));
  readonly #deliver: (chunk: Buffer) => void;
  #buffer: Buffer | undefined;
  #length = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(deliver: (chunk: Buffer) => void) {
    this.#deliver = deliver;
  }

  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#length > 0) this.#deliverBuffer();
  }

  #collect(bytes: Buffer): void {
    for (let offset = 0; offset < bytes.length;) {
      const buffer = (this.#buffer ??= bufferPool.acquire(READ_BYTES));
      const copied = bytes.copy(buffer, this.#length, offset);
      offset += copied;
      this.#length += copied;
      if (this.#length === buffer.length) this.#deliverBuffer();
    }
    if (this.#length > 0) this.#scheduled ??= setImmediate(() => this.flush());
  }

  #deliverBuffer(): void {
    const buffer = this.#buffer;
    const length = this.#length;
    this.#buffer = undefined;
    this.#length = 0;
    if (!buffer) return;
    this.#deliver(buffer.subarray(0, length));
    bufferPool.release(buffer);
  }
}

const readers = new WeakMap<Duplex, SocketReader>();

/** Connects a socket that is read with `onread`; `socketReader` returns its reader. */
export function connectRead<Connected extends Socket>(
  start: StartOnread,
  connect: (onread: OnReadOpts) => Connected,
): Connected {
  const source = start((chunk) => reader.deliver(chunk));
  const socket = connect(source.onread);
  const reader = new SocketReader(socket);
  readers.set(socket, reader);
  // The first listeners: bytes that arrived before the end are delivered before the end.
  for (const event of ['end', 'error', 'close']) socket.on(event, () => source.flush());
  return socket;
}

/** The reader of a socket of `connectRead`; undefined for a Duplex with 'data' events. */
export function socketReader(duplex: Duplex): Reader | undefined {
  return readers.get(duplex);
}

class SocketReader implements Reader {
  readonly #socket: Socket;
  readonly #early: Uint8Array[] = [];
  #receive: Receive = (chunk) => {
    this.#early.push(Buffer.from(chunk));
    return false;
  };

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  deliver(chunk: Buffer): void {
    if (!this.#receive(chunk)) this.#socket.pause();
  }

  readTo(receive: Receive): void {
    this.#receive = receive;
    // All early chunks, even if the first one is refused: later chunks must not overtake them.
    const refused = this.#early.splice(0).filter((chunk) => !receive(chunk));
    if (refused.length === 0) this.#socket.resume();
  }
}
