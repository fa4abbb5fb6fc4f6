/**
 * Reads a socket that the client has made, in the place of its 'data' events: those bring 64 KiB at most, and of TLS
 * 16 KiB, while every piece costs its reader as much as a large one.
 *
 *     the system -> Reading -> deliver -> the endpoint, or `early` while there is none -> pause where it is too much
 */
import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Reader, Receive } from '../../session/transport/transport.js';

/** How a socket is read. */
export interface OnreadSource {
  /** What `connect` of `node:net` and of `node:tls` takes. */
  readonly onread: OnReadOpts;
  /** Delivers what it holds back, if anything. */
  flush(): void;
}

/** Begins to read by a way of its own; what was read goes to `deliver`, and may be changed again after that call. */
export type StartOnread = (deliver: (chunk: Buffer) => void) => OnreadSource;

const readers = new WeakMap<Duplex, SocketReader>();

/** Makes a socket that is read so. Nothing comes before somebody is named to read to. */
export function connectRead<Made extends Socket>(
  start: StartOnread,
  connect: (onread: OnReadOpts) => Made,
): Made {
  const reading = start((chunk) => reader.deliver(chunk));
  const socket = connect(reading.onread);
  const reader = new SocketReader(socket);
  readers.set(socket, reader);
  // The first to hear of it: what has come was before it.
  for (const over of ['end', 'error', 'close']) socket.on(over, () => reading.flush());
  return socket;
}

/** Who reads a duplex; undefined where its 'data' events tell what comes. */
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
    // All of it, also where the first is too much: what comes later must not overtake the rest.
    const refused = this.#early.splice(0).filter((chunk) => !receive(chunk));
    if (refused.length === 0) this.#socket.resume();
  }
}
