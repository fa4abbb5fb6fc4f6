/** Small files in one piece, with as few calls as possible: no size is asked for. */
// @ts-check

/** @import { Calls } from './calls.mjs' */

/** Bytes up to which a file is small. */
export const SMALL_BYTES = 64 * 1024;

/** Bytes in front of a file for its header. */
const HEADER_BYTES = 256;

/** A small file with its header, in a buffer to be given back; or a large one, still open. */
/** @typedef {{ message: Buffer, release: () => void } | { fd: number, size: number }} ReadFile */

export class SmallFiles {
  /** @type {Calls} */ #calls;
  /** @type {Buffer[]} */ #buffers = [];

  /** @param {Calls} calls */
  constructor(calls) {
    this.#calls = calls;
  }

  /**
   * Reads a file with a header in front that is made of its size.
   *
   * @param {string} file
   * @param {(size: number) => string} headerOf
   * @returns {Promise<ReadFile> | ReadFile}
   */
  read(file, headerOf) {
    const fd = this.#calls.open(file, 'r');
    return typeof fd === 'number' ? this.#readSync(fd, headerOf) : this.#readAsync(fd, headerOf);
  }

  /** Writes a file. @type {(file: string, data: Buffer) => Promise<void> | void} */
  write(file, data) {
    const fd = this.#calls.open(file, 'w');
    if (typeof fd !== 'number') return this.#writeAsync(fd, data);
    void this.#calls.write(fd, data, 0);
    void this.#calls.close(fd);
  }

  /** @type {(opening: Promise<number>, headerOf: (size: number) => string) => Promise<ReadFile>} */
  async #readAsync(opening, headerOf) {
    const fd = await opening;
    const buffer = this.#takeBuffer();
    const bytes = await this.#calls.read(fd, buffer.subarray(HEADER_BYTES), 0);
    if (bytes > SMALL_BYTES) return { fd, size: await this.#calls.size(fd) };
    // Nothing depends on it.
    void this.#calls.close(fd);
    return this.#messageOf(buffer, bytes, headerOf);
  }

  /** @type {(fd: number, headerOf: (size: number) => string) => ReadFile} */
  #readSync(fd, headerOf) {
    const buffer = this.#takeBuffer();
    const bytes = /** @type {number} */ (this.#calls.read(fd, buffer.subarray(HEADER_BYTES), 0));
    if (bytes > SMALL_BYTES) return { fd, size: /** @type {number} */ (this.#calls.size(fd)) };
    void this.#calls.close(fd);
    return this.#messageOf(buffer, bytes, headerOf);
  }

  /** @type {(opening: Promise<number>, data: Buffer) => Promise<void>} */
  async #writeAsync(opening, data) {
    const fd = await opening;
    await this.#calls.write(fd, data, 0);
    void this.#calls.close(fd);
  }

  #takeBuffer() {
    return this.#buffers.pop() ?? Buffer.allocUnsafeSlow(HEADER_BYTES + SMALL_BYTES + 1);
  }

  /** @type {(buffer: Buffer, bytes: number, headerOf: (size: number) => string) => ReadFile} */
  #messageOf(buffer, bytes, headerOf) {
    const header = headerOf(bytes);
    const start = HEADER_BYTES - header.length;
    buffer.write(header, start, 'latin1');
    const release = () => void this.#buffers.push(buffer);
    return { message: buffer.subarray(start, HEADER_BYTES + bytes), release };
  }
}
