/** The connection of a client: requests that are made together leave together, and answers are taken in their order. */
// @ts-check
import { connect } from 'node:net';
import { Input } from './input.mjs';
import { sendFile } from './send-file.mjs';

/** @import { Calls } from './calls.mjs' */

/** Buffers of the client, which are filled while earlier ones are written to a file. */
const RECEIVED = { bytes: 256 * 1024, buffers: 4 };

/** Takes the rest of an answer, whose first line has this number; the value is not awaited before the next answer. */
/** @typedef {(input: Input, size: number) => Promise<{ value: unknown }> | { value: unknown }} Take */

/** @typedef {{ take: Take, resolve: (value: unknown) => void, reject: (error: unknown) => void }} Waiting */

export class Requests {
  #input = new Input(RECEIVED);
  /** @type {import('node:net').Socket} */ #socket;
  /** @type {Calls} */ #calls;
  /** @type {Waiting[]} */ #waiting = [];
  /** @type {(string | Buffer)[]} */ #unsent = [];
  /** Ends when no large file is being sent. @type {Promise<unknown>} */ #large = Promise.resolve();
  #isSendingLarge = false;
  #isScheduled = false;
  #isTaking = false;

  /** @param {number} port @param {Calls} calls */
  constructor(port, calls) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: this.#input.onread });
    this.#input.attach(this.#socket);
    this.#calls = calls;
  }

  /** Sends a request, with a small body if there is one. @type {(take: Take, ...parts: (string | Buffer)[]) => Promise<unknown>} */
  ask(take, ...parts) {
    this.#unsent.push(...parts);
    this.#schedule();
    return this.#answer(take);
  }

  /** Sends a request with a large file as its body. @type {(take: Take, line: string, file: { fd: number, size: number }) => Promise<unknown>} */
  async send(take, line, file) {
    await this.#large;
    this.#flush();
    this.#isSendingLarge = true;
    const answer = this.#answer(take);
    this.#socket.write(line, 'latin1');
    this.#large = sendFile(this.#socket, file, this.#calls);
    await this.#large;
    this.#isSendingLarge = false;
    this.#flush();
    return answer;
  }

  close() {
    this.#socket.destroy();
  }

  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush() {
    if (this.#isSendingLarge || this.#unsent.length === 0) return;
    const parts = this.#unsent;
    this.#unsent = [];
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part, 'latin1');
    this.#socket.uncork();
  }

  /** @param {Take} take @returns {Promise<unknown>} */
  #answer(take) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ take, resolve, reject });
      if (!this.#isTaking) void this.#takeAll();
    });
  }

  async #takeAll() {
    this.#isTaking = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        const line = this.#input.lineNow() ?? (await this.#input.line());
        if (line === undefined) throw new Error('The connection was closed.');
        const taken = next.take(this.#input, Number.parseInt(line));
        next.resolve((taken instanceof Promise ? await taken : taken).value);
      } catch (error) {
        next.reject(error);
      }
    }
    this.#isTaking = false;
  }
}
