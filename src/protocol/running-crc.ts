/**
 * CRC-32 of a few bytes after another, by a state that begins with `EMPTY_CRC`: so few are summed up here sooner than a
 * native call begins.
 */
import { crc32 } from 'node:zlib';

/** The state before any byte. */
export const EMPTY_CRC = -1;

/** The checksum that a state stands for. */
export function crcOf(state: number): number {
  return ~state >>> 0;
}

/** The state after one more byte. */
export function addByte(state: number, byte: number): number {
  return (TABLE[(state ^ byte) & 0xff] ?? 0) ^ (state >>> 8);
}

/** The state after a text in UTF-8. */
export function addText(state: number, text: string): number {
  if (text.length > SHORT_LENGTH) return addNatively(state, text);
  let next = state;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > LAST_ASCII) return addNatively(state, text);
    next = addByte(next, unit);
  }
  return next;
}

// Where the native function has caught up.
const SHORT_LENGTH = 128;
const LAST_ASCII = 0x7f;

function addNatively(state: number, text: string): number {
  return ~crc32(text, crcOf(state));
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb8_8320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});
