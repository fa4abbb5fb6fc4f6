/** Reads the bytes of a binary header in order, and reads and writes varints: unsigned LEB128, seven bits a byte. */
import { isUtf8 } from 'node:buffer';
import { protocolError } from '../../errors.js';
import { MAX_INTEGER } from '../../protocol/limits.js';

/** Bytes of the longest varint: 53 bits in groups of seven. */
export const MAX_VARINT_BYTES = 8;

/** Writes an integer from 0 to 2^53 - 1. Returns the index after it. */
export function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value;
  let index = at;
  // Divisions, because the bit operators are limited to 32 bits.
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[index++] = (rest % 0x80) | 0x80;
  into[index++] = rest;
  return index;
}

const NON_ASCII = 0x80;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/** A position in a header. Every method throws EPROTO if the bytes end too soon. */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw protocolError('A header ends in the middle of a field.');
    return byte;
  }

  /** Reads a text of `length` bytes, which must be UTF-8. */
  text(length: number): string {
    const [bytes, start] = [this.#bytes, this.#at];
    const end = start + length;
    if (end > bytes.length) throw protocolError('A header ends in the middle of a field.');
    this.#at = end;
    let at = start;
    while (at < end && (bytes[at] ?? NON_ASCII) < NON_ASCII) at++;
    if (at === end) return bytes.toString('latin1', start, end);
    const rest = bytes.subarray(start, end);
    if (!isUtf8(rest)) throw protocolError('A text in a header is not valid UTF-8.');
    return rest.toString();
  }

  /** Reads a text of `length` bytes; undefined if they are not all printable ASCII. */
  printableText(length: number): string | undefined {
    const [bytes, start] = [this.#bytes, this.#at];
    const end = start + length;
    if (end > bytes.length) return undefined;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? NON_ASCII;
      if (byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE) return undefined;
    }
    this.#at = end;
    return bytes.toString('latin1', start, end);
  }

  /** Reads a varint. Throws EPROTO also if it exceeds 2^53 - 1 or is longer than necessary. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= MAX_VARINT_BYTES; length++, scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      // A last byte of 0 would be a second spelling of the same integer.
      if ((byte === 0 && length > 1) || value > MAX_INTEGER) break;
      return value;
    }
    throw protocolError('An integer exceeds 2^53 - 1 or is not in its shortest form.');
  }
}
