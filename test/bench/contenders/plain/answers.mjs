/** The answers of a connection, in the order of the requests: those that are ready together leave together. */
// @ts-check
import { sendFile } from './send-file.mjs';

/** @import { Socket } from 'node:net' */
/** @import { Calls } from './calls.mjs' */
/** @import { ReadFile } from './small-files.mjs' */

/** A line, a small file or a large one. @typedef {string | ReadFile} Answer */

/** Answers that may wait before requests do. */
const MOST_WAITING = 128;

export class Answers {
  /** @type {Socket} */ #socket;
  /** @type {Calls} */ #calls;
  /** @type {{ answer: Answer | undefined }[]} */ #waiting = [];
  /** @type {(() => void) | undefined} */ #onRoom;
  #isScheduled = false;
  #isSending = false;

  /** @param {Socket} socket @param {Calls} calls */
  constructor(socket, calls) {
    this.#socket = socket.on('drain', () => this.#send());
    this.#calls = calls;
  }

  /** @param {Answer | Promise<Answer>} answer */
  add(answer) {
    const entry = { answer: answer instanceof Promise ? undefined : answer };
    this.#waiting.push(entry);
    if (answer instanceof Promise) {
      answer.then(
        (ready) => {
          entry.answer = ready;
          this.#schedule();
        },
        () => this.#socket.destroy(),
      );
    } else this.#schedule();
  }

  /** Undefined if there is room for another answer, else a promise that there is. */
  room() {
    if (this.#waiting.length < MOST_WAITING) return undefined;
    return new Promise((resolve) => (this.#onRoom = () => resolve(undefined)));
  }

  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send() {
    if (this.#isSending || this.#socket.writableNeedDrain) return;
    this.#socket.cork();
    for (let [first] = this.#waiting; first?.answer !== undefined; [first] = this.#waiting) {
      this.#waiting.shift();
      if (typeof first.answer === 'string') this.#socket.write(first.answer, 'latin1');
      else if ('message' in first.answer) this.#socket.write(first.answer.message, first.answer.release);
      else {
        this.#sendLarge(first.answer);
        break;
      }
    }
    this.#socket.uncork();
    this.#onRoom?.();
  }

  /** @param {{ fd: number, size: number }} file */
  #sendLarge(file) {
    this.#isSending = true;
    this.#socket.write(`${file.size}\n`, 'latin1');
    sendFile(this.#socket, file, this.#calls).then(
      () => {
        this.#isSending = false;
        this.#send();
      },
      () => this.#socket.destroy(),
    );
  }
}
