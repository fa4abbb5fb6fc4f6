import { describe, expect, test } from 'vitest';
import { sampleFrames } from '../../src/contracts/codec/sample-frames.js';
import { fieldsOf, frameTable, joinFields, type Frame } from '../../src/protocol/frames.js';
import { frameFromRecord, type WireRecord } from '../../src/protocol/records/frame-from-record.js';

function record(fields: Record<string, string | number | boolean>): WireRecord {
  return new Map(Object.entries(fields));
}

function refusal(fields: Record<string, string | number | boolean>): unknown {
  try {
    frameFromRecord(record(fields));
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('the frame table', () => {
  test('gives every type a unique number of those for this protocol', () => {
    const numbers = Object.values(frameTable).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number >= 1 && number <= 127).toBe(true);
  });

  test('lists no field of a frame twice', () => {
    for (const { required, optional } of Object.values(frameTable)) {
      const names = [...required, ...optional];
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe('joinFields', () => {
  test('joins the fields with a value in the order of the table, whatever the order of the frame', () => {
    const note = (name: string, value: unknown) => `${name}=${String(value)};`;
    for (const frame of sampleFrames) {
      const inOrder = fieldsOf(frame).map((field) => note(...field));
      const { type, ...fields } = frame;
      const reversed = { type, ...Object.fromEntries(Object.entries(fields).reverse()) } as Frame;
      expect(joinFields(frame, note)).toBe(inOrder.join(''));
      expect(joinFields(reversed, note)).toBe(inOrder.join(''));
    }
    const pong = { type: 'pong', token: 1, check: undefined } as const;
    expect(joinFields(pong, note)).toBe('token=1;');
  });
});

describe('frameFromRecord', () => {
  test('reads every sample frame from its fields, typed or all as text', () => {
    for (const frame of sampleFrames) {
      const fields = Object.fromEntries(fieldsOf(frame));
      const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
      expect(frameFromRecord(record({ type: frame.type, ...fields }))).toEqual(frame);
      expect(frameFromRecord(record({ type: frame.type, ...texts }))).toEqual(frame);
    }
  });

  test('rejects a record without a type, or with a type that is not a text', () => {
    expect(refusal({ token: 1 })).toBe('EPROTO');
    expect(refusal({ type: 1, token: 1 })).toBe('EPROTO');
  });

  test('rejects every frame that lacks a required field', () => {
    for (const [type, { required }] of Object.entries(frameTable)) {
      const frame = sampleFrames.find((sample) => sample.type === type);
      const fields = { type, ...Object.fromEntries(fieldsOf(frame as Frame)) };
      for (const name of required) {
        const { [name]: _, check, ...rest } = fields as Record<string, string | number | boolean>;
        expect(refusal(rest)).toBe('EPROTO');
        // With a check that is wrong for the rest, the field may have been lost on the way.
        if (check !== undefined) expect(refusal({ ...rest, check })).toBe('EBADMSG');
      }
    }
  });

  test.each([-1, 1.5, NaN, 2 ** 53, '', '01', '-1', true])('rejects %j as an integer', (token) => {
    expect(refusal({ type: 'ping', token })).toBe('EPROTO');
  });

  test.each([1.5, NaN, -0, -(2 ** 53), 2 ** 53, '', '-0', '-01', '+1', true])(
    'rejects %j as a signed integer',
    (mtime) => {
      expect(refusal({ type: 'open', id: 1, op: 'utimes', mtime })).toBe('EPROTO');
    },
  );

  test.each(['', 'yes', 'TRUE', 0, 1])('rejects %j as a flag', (recursive) => {
    expect(refusal({ type: 'open', id: 1, op: 'stat', recursive })).toBe('EPROTO');
  });

  test.each([1, true, 'a\nb', '\ud800', '\uffff'])('rejects %j as a text', (path) => {
    expect(refusal({ type: 'open', id: 1, op: 'stat', path })).toBe('EPROTO');
  });

  test('drops fields that the frame does not have, known or not', () => {
    const fields = { type: 'ping', token: 1, path: 7, offset: 'x', id: false, novel: 'x', __proto__x: -1 };
    expect(frameFromRecord(record(fields))).toEqual({ type: 'ping', token: 1 });
  });

  test.each(['\n', '\ud800', 1.5, -0, NaN, 2 ** 53])(
    'rejects %j in a field that the frame does not have, known or not',
    (value) => {
      for (const name of ['path', 'offset', 'novel'])
        expect(refusal({ type: 'ping', token: 1, [name]: value })).toBe('EPROTO');
      expect(refusal({ type: 'novel', x: value })).toBe('EPROTO');
    },
  );

  test.each(['', 'a b', '1st', 'größe', '_a', 'a.b', 'a:b'])(
    'rejects the type %j, which is no name',
    (type) => {
      expect(refusal({ type })).toBe('EPROTO');
    },
  );

  test('converts no texts of a notation with types', () => {
    const typed = (fields: Record<string, string | number | boolean>): WireRecord =>
      Object.assign(record(fields), { isTyped: true });
    expect(frameFromRecord(typed({ type: 'ping', token: 1 }))).toEqual({ type: 'ping', token: 1 });
    expect(frameFromRecord(typed({ type: 'ping', token: 1, size: '1' }))).toEqual({ type: 'ping', token: 1 });
    expect(() => frameFromRecord(typed({ type: 'ping', token: '1' }))).toThrow('token');
    expect(() => frameFromRecord(typed({ type: 'open', id: 1, op: 'x', recursive: 'true' }))).toThrow(
      'recursive',
    );
  });

  test('rejects a length when no payload is allowed', () => {
    expect(refusal({ type: 'ping', token: 1, length: 0 })).toBe('EPROTO');
    expect(refusal({ type: 'open', id: 1, op: 'upload', length: 5 })).toBe('EPROTO');
  });

  test('keeps only the id and the length of a frame of an unknown type', () => {
    const fields = { type: 'novel', id: '3', length: '5', path: 'x' };
    expect(frameFromRecord(record(fields))).toEqual({ type: 'unknown', id: 3, length: 5 });
    expect(frameFromRecord(record({ type: 'constructor' }))).toEqual({ type: 'unknown' });
    expect(refusal({ type: 'novel', length: 'many' })).toBe('EPROTO');
  });
});

describe('fieldsOf', () => {
  test('returns the fields in the order of the table, without those that have no value', () => {
    const frame: Frame = { window: 5, path: 'a', op: 'stat', id: 1, offset: undefined, type: 'open' };
    expect([...fieldsOf(frame)]).toEqual([
      ['id', 1],
      ['op', 'stat'],
      ['path', 'a'],
      ['window', 5],
    ]);
  });

  test('omits fields that the frame cannot have', () => {
    const frame = { type: 'ping', token: 1, path: 'x' } as Frame;
    expect([...fieldsOf(frame)]).toEqual([['token', 1]]);
  });
});
