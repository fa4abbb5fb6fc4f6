/**
 * What a socket receives, in buffers of its own that are used again and again (`onread`), as lines and bodies. What is
 * there is given at once; only what is not there yet is awaited.
 */
// @ts-check

/** A buffer with the part of it that was not consumed. @typedef {{ buffer: Buffer, start: number, end: number }} Piece */

const LINE_END = 10;

export class Input {
  /** @type {Buffer[]} */ #free = [];
  /** @type {number} */ #bytes;
  /** @type {number} */ #unmade;
  /** @type {Piece[]} */ #full = [];
  /** @type {(() => void) | undefined} */ #wake;
  /** @type {import('node:net').Socket | undefined} */ #socket;
  #isPaused = false;
  #isEnded = false;

  /** @param {{ bytes: number, buffers: number }} size - of these buffers one is filled while the others wait */
  constructor({ bytes, buffers }) {
    this.#bytes = bytes;
    this.#unmade = buffers;
  }

  /** The option `onread` of a socket. @returns {import('node:net').OnReadOpts} */
  get onread() {
    return {
      // Called behind each callback, also one that pauses the socket: there is always a last buffer for it.
      buffer: () => this.#free.pop() ?? this.#newBuffer(),
      callback: (end, buffer) => {
        this.#full.push({ buffer: /** @type {Buffer} */ (buffer), start: 0, end });
        this.#wake?.();
        this.#isPaused = this.#free.length + this.#unmade <= 1;
        return !this.#isPaused;
      },
    };
  }

  /** @param {import('node:net').Socket} socket */
  attach(socket) {
    this.#socket = socket;
    const end = () => {
      this.#isEnded = true;
      this.#wake?.();
    };
    socket.on('end', end).on('close', end);
  }

  #newBuffer() {
    this.#unmade--;
    return Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** A line that is there as a whole, or undefined. @returns {string | undefined} */
  lineNow() {
    const [piece] = this.#full;
    const end = piece?.buffer.indexOf(LINE_END, piece.start) ?? -1;
    if (!piece || end < 0 || end >= piece.end) return undefined;
    const line = piece.buffer.toString('latin1', piece.start, end);
    this.#consume(piece, end + 1 - piece.start);
    return line;
  }

  /** The next line, or undefined at the end. @returns {Promise<string | undefined>} */
  async line() {
    let begin = '';
    for (;;) {
      const line = this.lineNow();
      if (line !== undefined) return begin + line;
      const [piece] = this.#full;
      if (piece) {
        begin += piece.buffer.toString('latin1', piece.start, piece.end);
        this.#consume(piece, piece.end - piece.start);
      } else if (!(await this.#more())) return undefined;
    }
  }

  /** Bytes that are there as a whole, valid until the next turn of the event loop, or undefined. @param {number} bytes */
  bytesNow(bytes) {
    const [piece] = this.#full;
    if (!piece || piece.end - piece.start < bytes) return undefined;
    const body = piece.buffer.subarray(piece.start, piece.start + bytes);
    this.#consume(piece, bytes);
    return body;
  }

  /** A body in a buffer of its own. @param {number} bytes */
  async copied(bytes) {
    const body = Buffer.allocUnsafe(bytes);
    let at = 0;
    await this.body(bytes, (chunk) => void (at += chunk.copy(body, at)));
    return body;
  }

  /**
   * Gives a body chunk by chunk. A chunk stays valid while the promise for it is pending; meanwhile the socket fills the
   * other buffers.
   *
   * @param {number} bytes
   * @param {(chunk: Buffer) => Promise<unknown> | void} give
   */
  async body(bytes, give) {
    for (let left = bytes; left > 0;) {
      const [piece] = this.#full;
      if (!piece) {
        if (!(await this.#more())) throw new Error('The connection was closed within a body.');
        continue;
      }
      const length = Math.min(left, piece.end - piece.start);
      const given = give(piece.buffer.subarray(piece.start, piece.start + length));
      if (given) await given;
      this.#consume(piece, length);
      left -= length;
    }
  }

  /** @type {(piece: Piece, bytes: number) => void} */
  #consume(piece, bytes) {
    piece.start += bytes;
    if (piece.start < piece.end) return;
    this.#full.shift();
    this.#free.push(piece.buffer);
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Resolves when there is more, or with false at the end. */
  async #more() {
    if (this.#full.length === 0 && !this.#isEnded) {
      await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
      this.#wake = undefined;
    }
    return this.#full.length > 0;
  }
}
