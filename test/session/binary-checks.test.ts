/** A binary connection whose frames have a `check` besides the CRC-32 of each header. */
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { builtinCodecs } from '../../src/codecs/builtin.js';
import { withCheck } from '../../src/protocol/frame-check.js';
import { Pair } from '../support/doubles/sessions.js';

/** A header with a right CRC-32 and these fields. */
function headerWith(fields: number[]): Buffer {
  const header = Buffer.from(builtinCodecs.binary.encode({ type: 'ping', token: 1 })).subarray(0, 14);
  header.writeUInt16BE(fields.length, 2);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(Buffer.from(fields), crc32(header)));
  return Buffer.concat([header, crc, Buffer.from(fields)]);
}

it.each([
  ['an integer that is not in its shortest form', [0x5c, 0x81, 0x00]],
  ['a field that is cut', [0x5c]],
  ['no required field', []],
])('a header with a right CRC-32 and %s is no damage', (_what, fields) => {
  const pair = new Pair(builtinCodecs.binary);
  pair.server.receive(Buffer.from(builtinCodecs.binary.encode(withCheck({ type: 'hello', version: 1 }))));
  expect(pair.server.ended).toBe(false);
  pair.server.receive(headerWith(fields));
  expect(pair.serverEnded?.error).toMatchObject({ code: 'EPROTO', retryable: false });
});
