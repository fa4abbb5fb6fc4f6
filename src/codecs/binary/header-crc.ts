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
  const { length } = header;
  let state = -1;
  for (let at = 0; at < fixedEnd; at++) state = next(state, header[at]);
  if (length - fieldsStart > MAX_LOOP_BYTES) return crc32(header.subarray(fieldsStart), ~state >>> 0);
  for (let at = fieldsStart; at < length; at++) state = next(state, header[at]);
  return ~state >>> 0;
}

function next(state: number, byte = 0): number {
  return (table[(state ^ byte) & 0xff] ?? 0) ^ (state >>> 8);
}
