/** One connection of the kit: frames in order, with a time limit for each wait. */
import { canHaveCheck, checkOf, Decoder, encode } from './wire.mjs';
import { show } from './patterns.mjs';

/** @typedef {import('./wire.mjs').Frame} Frame */

export class Connection {
  /** Whether each frame of both ends has a `check`. */
  isChecked = false;
  /** Frames that were sent and received, for messages. @type {string[]} */
  log = [];
  /** Called with each frame that arrives, before `next` returns it. @type {((frame: Frame) => void) | undefined} */
  onFrame;
  /** Milliseconds for each wait. */
  timeoutMs;
  #socket;
  #codec;
  #decoder;
  /** @type {Frame[]} */
  #received = [];
  /** Why nothing more comes. @type {string | undefined} */
  #end;
  /** @type {() => void} */
  #wake = () => undefined;

  /** @param {import('node:net').Socket} socket @param {{ codec: import('./wire.mjs').CodecName, timeoutMs: number }} options */
  constructor(socket, { codec, timeoutMs }) {
    this.#socket = socket;
    this.#codec = codec;
    this.#decoder = new Decoder(codec);
    this.timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#finish(error.message));
    socket.on('end', () => this.#finish('the end of the connection'));
    socket.on('close', () => this.#finish('the end of the connection'));
    socket.on('data', (chunk) => this.#read(chunk));
  }

  /** The address of the other end. */
  get address() {
    return this.#socket.remoteAddress ?? '127.0.0.1';
  }

  /** @param {Frame} frame */
  send(frame) {
    if (
      this.isChecked &&
      this.#codec !== 'binary' &&
      frame['check'] === undefined &&
      canHaveCheck(frame.type)
    )
      frame = { ...frame, check: checkOf(frame) };
    if (frame['check'] === 'none' || (frame['check'] === 'right' && this.#codec === 'binary')) {
      const { check: _, ...rest } = frame;
      frame = rest;
    } else if (frame['check'] === 'right') frame = { ...frame, check: checkOf(frame) };
    this.log.push(`-> ${show(frame)}`);
    this.#socket.write(encode(this.#codec, frame));
  }

  /** @param {Uint8Array} bytes */
  sendRaw(bytes) {
    this.log.push(`-> ${bytes.length} bytes`);
    this.#socket.write(bytes);
  }

  /** The next frame; undefined after the end of the connection. @returns {Promise<Frame | undefined>} */
  async next() {
    const timer = setTimeout(() => this.#finish(`nothing within ${this.timeoutMs} ms`), this.timeoutMs);
    while (this.#received.length === 0 && this.#end === undefined)
      await new Promise((done) => (this.#wake = () => done(undefined)));
    clearTimeout(timer);
    const frame = this.#received.shift();
    this.log.push(`<- ${frame ? show(frame) : this.#end}`);
    if (!frame && this.#end?.startsWith('nothing')) throw new Error(`The other end sent ${this.#end}.`);
    return frame;
  }

  /** Ends the connection: `half` only the own direction, `reset` both at once. @param {'half' | 'reset'} how */
  close(how) {
    this.log.push(`-> ${how}`);
    if (how === 'half') this.#socket.end();
    else this.#socket.resetAndDestroy();
  }

  /** Ends the own direction when the other end does. */
  endWithPeer() {
    if (this.#socket.readableEnded) this.#socket.end();
    else this.#socket.on('end', () => this.#socket.end());
  }

  destroy() {
    this.#socket.destroy();
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    try {
      for (const frame of this.#decoder.write(chunk)) {
        this.#received.push(frame);
        this.#compareCheck(frame);
        this.onFrame?.(frame);
      }
    } catch (error) {
      this.#finish(
        `bytes that cannot be read (${error instanceof Error ? error.message : error}): ${chunk.toString('latin1', 0, 100)}`,
      );
    }
    this.#wake();
  }

  /** @param {Frame} frame */
  #compareCheck(frame) {
    const { check, type } = frame;
    if (check !== undefined && check !== checkOf(frame))
      throw new Error(`the check of ${show(frame)} is wrong`);
    if (this.isChecked && this.#codec !== 'binary' && canHaveCheck(type) && check === undefined)
      throw new Error(`${show(frame)} has no check`);
  }

  /** @param {string} reason */
  #finish(reason) {
    this.#end ??= reason;
    this.#wake();
  }
}
