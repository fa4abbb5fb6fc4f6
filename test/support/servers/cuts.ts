/** Connections that a test can cut: a client is given them by its option `connect`. */
import { connect, type Socket } from 'node:net';
import type { Connect } from '../../../src/index.js';

export class Cuts {
  /** All sockets so far, in order. */
  readonly sockets: Socket[] = [];
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** For the client's options. */
  readonly connect: Connect = () => {
    const socket = connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.sockets.push(socket);
    return socket;
  };

  /** Cuts the current connection: the client sees a reset, the server an end. */
  now(): void {
    this.sockets.at(-1)?.destroy(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
  }

  /** Cuts each connection after the given number of bytes in one direction. */
  each(bytes: number, direction: 'bytesRead' | 'bytesWritten', times = Infinity): Connect {
    let left = times;
    return () => {
      const socket = this.#limited(bytes, direction, () => left-- > 0);
      return socket;
    };
  }

  #limited(bytes: number, direction: 'bytesRead' | 'bytesWritten', again: () => boolean): Socket {
    const socket = this.connect() as Socket;
    const check = (): void => {
      if (socket.destroyed) return;
      // Not a number while Node connects and several pieces wait.
      if (!(socket[direction] >= bytes)) setImmediate(check);
      else if (again()) this.now();
    };
    socket.once('connect', check);
    return socket;
  }
}
