import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeVarint } from '../../../src/codecs/binary/byte-cursor.js';
import { binaryCodec } from '../../../src/codecs/binary/binary.js';
import { Recording } from '../../../src/contracts/codec/recording.js';
import { errorTable } from '../../../src/errors.js';

interface Parts {
  type: number;
  id?: number;
  length?: number;
  fields?: number[];
}

function frameBytes({ type, id = 0, length = 0, fields = [] }: Parts): Buffer {
  const header = Buffer.alloc(18);
  header.writeUInt8(0xfe, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(fields.length, 2);
  header.writeUInt32BE(length, 4);
  header.writeUIntBE(id, 8, 6);
  header.writeUInt32BE(crc32(Buffer.from([...header.subarray(0, 14), ...fields])), 14);
  return Buffer.concat([header, Buffer.from(fields)]);
}

function read(parts: Parts) {
  const { frames, error } = new Recording(binaryCodec).write(frameBytes(parts));
  return frames[0]?.frame ?? error?.code;
}

const PING = 11;
const ERROR = 9;
const DATA = 5;
const token = [23 * 4, 1];
const code = 20 * 4;

/** The tag of a field: a varint. */
function tag(number: number, wireType: number): number[] {
  const bytes = Buffer.alloc(8);
  return [...bytes.subarray(0, writeVarint(bytes, 0, number * 4 + wireType))];
}

describe('the binary codec', () => {
  test('writes fields in the order of the table, whatever the order of the frame', () => {
    const frame = { type: 'accept', id: 3, path: 'a', kind: 'file', offset: 1, size: 2, mtime: -3 } as const;
    const { type, id, ...fields } = frame;
    const reversed = Object.fromEntries(Object.entries(fields).reverse());
    expect(binaryCodec.encode({ type, id, ...reversed })).toEqual(binaryCodec.encode(frame));
  });

  test('leaves earlier headers as they are, also when a long one or many follow', () => {
    const open = (id: number, length: number) =>
      ({ type: 'open', id, op: 'stat', path: `${id}ä`.padEnd(length, 'x') }) as const;
    const frames = Array.from({ length: 1_000 }, (_, at) =>
      open(2 * at + 1, at % 100 === 7 ? 9_000 : at % 50),
    );
    const headers = frames.map((frame) => binaryCodec.encode(frame));
    const { frames: decoded } = new Recording(binaryCodec).write(Buffer.concat(headers));
    expect(decoded.map(({ frame }) => frame)).toEqual(frames);
  });

  test('skips unknown fields of every wire type', () => {
    const fields = [
      ...tag(62, 0),
      0xff,
      1,
      ...token,
      ...tag(61, 1),
      2,
      0xff,
      0xff,
      ...tag(4_000, 2),
      ...tag(2 ** 40, 3),
    ];
    // A text is strict UTF-8 even in a field that is not read.
    expect(read({ type: PING, fields })).toBe('EPROTO');
    fields.splice(fields.indexOf(2) + 1, 2, 0xc3, 0xa4);
    expect(read({ type: PING, fields })).toEqual({ type: 'ping', token: 1 });
  });

  test('drops known fields that the frame does not have', () => {
    expect(read({ type: PING, fields: [...token, 12 * 4, 5] })).toEqual({ type: 'ping', token: 1 });
  });

  test('reads a data frame with fields of a later version', () => {
    expect(read({ type: DATA, id: 1, length: 9, fields: tag(63, 2) })).toEqual({
      type: 'data',
      id: 1,
      length: 9,
    });
  });

  test('reports a frame of an unknown type with its id and length only, whatever its fields contain', () => {
    expect(read({ type: 200, fields: [0, 1, 2, 3] })).toEqual({ type: 'unknown' });
    expect(read({ type: 0, id: 7 })).toEqual({ type: 'unknown', id: 7 });
    expect(read({ type: 255, id: 7, length: 3 })).toEqual({ type: 'unknown', id: 7, length: 3 });
  });

  test('writes every code of the error table as its number, and reads the number', () => {
    for (const [name, { number }] of Object.entries(errorTable)) {
      const bytes = Buffer.from(binaryCodec.encode({ type: 'error', code: name }));
      expect([...bytes.subarray(18)]).toEqual([code, number]);
      expect(new Recording(binaryCodec).write(bytes).frames[0]?.frame).toEqual({ type: 'error', code: name });
    }
  });

  test('reads an unknown code number as EIO, and a known code as text unchanged', () => {
    expect(read({ type: ERROR, fields: [code, 0xff, 1] })).toEqual({ type: 'error', code: 'EIO' });
    expect(read({ type: ERROR, fields: [code + 1, 3, ...Buffer.from('EIO')] })).toEqual({
      type: 'error',
      code: 'EIO',
    });
  });

  test('detects every flipped bit of a header', () => {
    const bytes = frameBytes({ type: PING, fields: token });
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // With a damaged length the decoder waits for the fields that the length declares.
      const { frames, error } = new Recording(binaryCodec).write(damaged).write(Buffer.alloc(65_536));
      expect(frames).toEqual([]);
      expect(error).toBeDefined();
    }
  });

  test('refuses to write an id of more than 48 bits', () => {
    expect(() => binaryCodec.encode({ type: 'cancel', id: 2 ** 48 })).toThrow(RangeError);
  });

  test('rejects a first byte that is not of the protocol immediately', () => {
    for (let byte = 0; byte < 256; byte++) {
      const { error } = new Recording(binaryCodec).write(Buffer.of(byte));
      expect(error?.code).toBe(byte === 0xfe ? undefined : 'EPROTO');
    }
  });
});

// Headers are written one after another into blocks: each place in a block is the last one for some of them.
test('a header is whole wherever it lies in a block, and later headers leave it as it is', () => {
  const frames = Array.from({ length: 4_000 }, (_, index) =>
    index % 3 === 0
      ? ({ type: 'data', id: index + 1, length: 1, offset: index * 1_000 } as const)
      : ({ type: 'data', id: index + 1, length: 1 } as const),
  );
  const headers = frames.map((frame) => binaryCodec.encode(frame));
  frames.forEach((frame, index) => {
    const header = headers[index] ?? Buffer.alloc(0);
    const {
      frames: [read],
    } = new Recording(binaryCodec).write(Buffer.concat([header, Buffer.of(0)]));
    expect(read?.frame).toEqual(frame);
  });
});
