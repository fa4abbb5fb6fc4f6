/** Reads the fields of a binary header in order. */
import { isUtf8 } from 'node:buffer';
import { protocolError } from '../../errors.js';
import { MAX_INTEGER } from '../../protocol/limits.js';
import { MAX_VARINT_BYTES } from './varint.js';

/** The lowest byte that is no ASCII. */
const NO_ASCII = 0x80;

/** A place in bytes that are read in order. Every method throws EPROTO where the bytes end too soon. */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Whether everything has been read. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte. */
  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw protocolError('The fields of a header end too soon.');
    return byte;
  }

  /** The next so many bytes, which must be UTF-8. */
  text(length: number): string {
    const [bytes, start] = [this.#bytes, this.#at];
    const end = start + length;
    if (end > bytes.length) throw protocolError('The fields of a header end too soon.');
    this.#at = end;
    let at = start;
    while (at < end && (bytes[at] ?? NO_ASCII) < NO_ASCII) at++;
    if (at === end) return bytes.toString('latin1', start, end);
    const rest = bytes.subarray(start, end);
    if (!isUtf8(rest)) throw protocolError('A text in a header is not UTF-8.');
    return rest.toString();
  }

  /** The next varint. Throws EPROTO, too, if it is above 2^53 - 1 or longer than it need be. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= MAX_VARINT_BYTES; length++, scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      // A last byte of zero adds nothing: the same integer would have two spellings.
      if ((byte === 0 && length > 1) || value > MAX_INTEGER) break;
      return value;
    }
    throw protocolError('An integer is above 2^53 - 1, or not as short as it goes.');
  }
}
