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
  return (TABLES[(state ^ byte) & 0xff] ?? 0) ^ (state >>> 8);
}

/** The state after four more bytes, the first of them the lowest of the word: sooner than one after the other. */
export function addWord(state: number, word: number): number {
  const mixed = state ^ word;
  return (
    (TABLES[0x300 | (mixed & 0xff)] ?? 0) ^
    (TABLES[0x200 | ((mixed >>> 8) & 0xff)] ?? 0) ^
    (TABLES[0x100 | ((mixed >>> 16) & 0xff)] ?? 0) ^
    (TABLES[mixed >>> 24] ?? 0)
  );
}

/** The state after a text in UTF-8. */
export function addText(state: number, text: string): number {
  if (text.length > SHORT_LENGTH) return addNatively(state, text);
  let [next, index, units] = [state, 0, 0];
  for (; index + 4 <= text.length; index += 4) {
    const [first, second] = [text.charCodeAt(index), text.charCodeAt(index + 1)];
    const [third, fourth] = [text.charCodeAt(index + 2), text.charCodeAt(index + 3)];
    units |= first | second | third | fourth;
    next = addWord(next, first | (second << 8) | (third << 16) | (fourth << 24));
  }
  for (; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    units |= unit;
    next = addByte(next, unit);
  }
  return units > LAST_ASCII ? addNatively(state, text) : next;
}

/** The state after an integer from 0 to 2^53 - 1 in decimal digits: no text is made of it for that. */
export function addInteger(state: number, value: number): number {
  if (value < 10) return addByte(state, ZERO + value);
  if (value >= LONG) {
    const high = Math.floor(value / LONG);
    return addDigits(addInteger(state, high), value - high * LONG, LONG / 10);
  }
  let scale = 10;
  while (value >= 10 * scale) scale *= 10;
  return addDigits(state, value, scale);
}

const ZERO = 0x30;
/** Below it a value has no more digits than integers of 32 bits can hold, which are divided soonest. */
const LONG = 1e8;

/** As many digits as the scale of the first says, with leading zeros. */
function addDigits(state: number, value: number, scale: number): number {
  let [next, rest] = [state, value | 0];
  for (let unit = scale | 0; unit >= 1; unit = (unit / 10) | 0) {
    const digit = (rest / unit) | 0;
    next = addByte(next, ZERO + digit);
    rest -= digit * unit;
  }
  return next;
}

// Where the native function has caught up.
const SHORT_LENGTH = 128;
const LAST_ASCII = 0x7f;

function addNatively(state: number, text: string): number {
  return ~crc32(text, crcOf(state));
}

/** Of a byte, and then of a byte with one, two and three bytes of zeros behind it. */
const TABLES = new Int32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb8_8320 ^ (crc >>> 1) : crc >>> 1;
  TABLES[byte] = crc;
}
for (let at = 256; at < TABLES.length; at++) TABLES[at] = addByte(TABLES[at - 256] ?? 0, 0);
