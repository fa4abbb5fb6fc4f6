/** Requests in lines on one connection. Each answer is a line, in the order of the requests. */
// @ts-check
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export class Lines {
  #socket;
  /** @type {((line: string) => void)[]} */ #waiting = [];

  /** @param {number} port */
  constructor(port) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    createInterface({ input: this.#socket }).on('line', (line) => this.#waiting.shift()?.(line));
  }

  /** @param {string} line @returns {Promise<string>} */
  ask(line) {
    this.#socket.write(`${line}\n`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close() {
    this.#socket.end();
    await once(this.#socket, 'close');
  }
}
