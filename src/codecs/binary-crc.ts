/** The CRC-32 of a binary header: over what stands before the checksum, and then over what stands after it. */
import { crc32 } from 'node:zlib';
import { addByte, addWord, crcOf, EMPTY_CRC } from '../protocol/running-crc.js';

const CHECKSUM_AT = 14;
const CHECKSUM_END = 18;

// Up to this length the native function, and the view that it needs, cost more than the bytes.
const SHORT_BYTES = 160;

/** The CRC-32 of a whole header, its four bytes of checksum left out. */
export function headerCrc(header: Buffer): number {
  const state = added(EMPTY_CRC, header, { from: 0, to: CHECKSUM_AT });
  if (header.length <= SHORT_BYTES) {
    return crcOf(added(state, header, { from: CHECKSUM_END, to: header.length }));
  }
  return crc32(header.subarray(CHECKSUM_END), crcOf(state));
}

function added(state: number, header: Buffer, { from, to }: { from: number; to: number }): number {
  let [next, index] = [state, from];
  for (; index + 4 <= to; index += 4) next = addWord(next, header.readInt32LE(index));
  for (; index < to; index++) next = addByte(next, header[index] ?? 0);
  return next;
}
