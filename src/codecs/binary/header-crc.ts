/** The CRC-32 of a binary header. For few bytes, a call of zlib takes longer than a loop. */
import { crc32 } from 'node:zlib';

/** Bytes up to which the loop is faster. */
const MAX_LOOP_BYTES = 64;

const POLYNOMIAL = 0xedb88320;

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** The CRC-32 of the bytes up to `fixedEnd`, and of those from `fieldsStart` on. */
export function headerCrc(header: Buffer, fixedEnd: number, fieldsStart: number): number {
  const fixed = update(-1, header, 0, fixedEnd);
  const { length } = header;
  if (length - fieldsStart <= MAX_LOOP_BYTES) return ~update(fixed, header, fieldsStart, length) >>> 0;
  return crc32(header.subarray(fieldsStart), ~fixed >>> 0);
}

function update(state: number, bytes: Buffer, start: number, end: number): number {
  let value = state;
  // Inside the buffer and the table, no element is undefined.
  for (let at = start; at < end; at++)
    value = (table[(value ^ (bytes[at] as number)) & 0xff] as number) ^ (value >>> 8);
  return value;
}
