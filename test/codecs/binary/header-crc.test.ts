/** The checksum of binary headers: the CRC-32 of zlib, of few bytes and of many. */
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { headerCrc } from '../../../src/codecs/binary/header-crc.js';

it('is the CRC-32 of the bytes around the gap, whatever their number', () => {
  for (let length = 18; length < 300; length++) {
    const header = Buffer.from(Array.from({ length }, (_, index) => (index * 151 + length) % 256));
    const expected = crc32(Buffer.concat([header.subarray(0, 14), header.subarray(18)]));
    expect(headerCrc(header, 14, 18)).toBe(expected);
    header.fill(0xff, 14, 18);
    expect(headerCrc(header, 14, 18)).toBe(expected);
  }
});
