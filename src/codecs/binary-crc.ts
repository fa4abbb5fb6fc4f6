/** The CRC-32 of a binary header: over what stands before the checksum, and then over what stands after it. */
import { crc32 } from 'node:zlib';

const CHECKSUM_AT = 14;
const CHECKSUM_END = 18;

/** The CRC-32 of a whole header, its four bytes of checksum left out. */
export function headerCrc(header: Buffer): number {
  let crc = -1;
  // So few bytes are summed here sooner than a native call begins.
  for (let index = 0; index < CHECKSUM_AT; index++) {
    crc = (TABLE[(crc ^ (header[index] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  const before = ~crc >>> 0;
  return header.length > CHECKSUM_END ? crc32(header.subarray(CHECKSUM_END), before) : before;
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb8_8320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});
