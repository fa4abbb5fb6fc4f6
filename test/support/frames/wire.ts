/** A raw client, for tests that send bytes which a real client never would. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** An ack that acknowledges nothing and grants nothing, in text or JSON. */
const SIGN_OF_LIFE = /^(?:ack id=\d+ offset=0 window=0|\{"type":"ack","id":\d+,"offset":0,"window":0\})$/;

/** A connection to a server that speaks the text codec, line by line. */
export class Wire<Connection extends Duplex = Socket> {
  readonly socket: Connection;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;

  /** Connects to a port of loopback. */
  static async connect(port: number): Promise<Wire> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    await once(socket, 'connect');
    onTestFinished(() => {
      socket.destroy();
    });
    return new Wire(socket);
  }

  constructor(socket: Connection) {
    this.socket = socket;
    socket.on('error', () => this.#finish());
    socket.on('end', () => this.#finish());
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
  }

  /** Sends bytes as they are. */
  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /**
   * The next line, without its line end; undefined when the server has ended the connection. Without the acks by which a
   * server shows that it is at work: how many come depends on the machine.
   */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#received.indexOf(10);
      if (end >= 0) {
        const line = this.#take(end + 1)
          .subarray(0, -1)
          .toString();
        if (!SIGN_OF_LIFE.test(line)) return line;
      } else {
        if (this.#ended) return undefined;
        await this.#more();
      }
    }
  }

  /** The payload that was announced, and the line end that follows it. */
  async payload(length: number): Promise<Buffer> {
    while (this.#received.length <= length && !this.#ended) await this.#more();
    return this.#take(length + 1).subarray(0, -1);
  }

  /** All bytes up to the end of the connection, without such acks. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    const lines = this.#take(this.#received.length).toString().split('\n');
    return lines.filter((line) => !SIGN_OF_LIFE.test(line)).join('\n');
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #take(bytes: number): Buffer {
    const taken = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    return taken;
  }

  #finish(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
