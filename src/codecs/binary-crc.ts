/** The CRC-32 of a binary header: over what stands before the checksum, and then over what stands after it. */
import { crc32 } from 'node:zlib';
import { addByte, crcOf, EMPTY_CRC } from '../protocol/running-crc.js';

const CHECKSUM_AT = 14;
const CHECKSUM_END = 18;

/** The CRC-32 of a whole header, its four bytes of checksum left out. */
export function headerCrc(header: Buffer): number {
  let state = EMPTY_CRC;
  for (let index = 0; index < CHECKSUM_AT; index++) state = addByte(state, header[index] ?? 0);
  const before = crcOf(state);
  return header.length > CHECKSUM_END ? crc32(header.subarray(CHECKSUM_END), before) : before;
}
