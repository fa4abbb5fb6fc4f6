import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonCodec } from '../../../src/codecs/lines/json.js';
import { Recording } from '../../../src/contracts/codec/recording.js';

function read(line: string) {
  const { frames, error } = new Recording(jsonCodec).write(Buffer.from(`${line}\n`));
  return frames[0]?.frame ?? error?.code;
}

describe('the JSON codec', () => {
  test('reads members in any order, and spaces between the tokens', () => {
    expect(read('{ "token" : 1 , "type": "ping" }')).toEqual({ type: 'ping', token: 1 });
  });

  test('reads every escape of JSON, in names and in values', () => {
    const frame = { type: 'error', code: 'EX', message: '"\\/é\u{1f600}' };
    expect(
      read(String.raw`{"type":"error","c\u006fde":"\u0045X","message":"\"\\\/\u00e9\ud83d\ude00"}`),
    ).toEqual(frame);
  });

  test('ignores unknown fields, and names that are special in JavaScript', () => {
    expect(read('{"type":"ping","token":1,"toString":"x","constructor":true,"x":9}')).toEqual({
      type: 'ping',
      token: 1,
    });
  });

  test('does not convert values', () => {
    expect(read('{"type":"ping","token":"1"}')).toBe('EPROTO');
    expect(read('{"type":"open","id":1,"op":"stat","path":1}')).toBe('EPROTO');
    expect(read('{"type":"open","id":1,"op":"stat","recursive":"true"}')).toBe('EPROTO');
  });

  test('never writes a line end within a header', () => {
    const line = jsonCodec.encode({ type: 'error', code: 'EX', message: 'a\r\nb' });
    expect(Buffer.from(line).indexOf(0x0a)).toBe(line.length - 1);
  });

  test('accepts nothing that JSON.parse rejects, and reads equal values', () => {
    fc.assert(
      fc.property(nearlyJson, (line) => {
        const frame = read(line);
        if (typeof frame === 'string' || frame === undefined) return;
        const { type, ...fields } = frame;
        expect(JSON.parse(line)).toMatchObject(type === 'unknown' ? fields : frame);
      }),
      { numRuns: 3000 },
    );
  });

  test('reads a header of the largest size in linear time', () => {
    const hostile = [
      '"\\'.repeat(8000),
      '{"'.repeat(8000),
      `{"a${'\\"'.repeat(8000)}`,
      `{${' '.repeat(16_000)}`,
      `{${'"\\u0061":"\\"",'.repeat(1_000)}`,
      `{"type":"ping","token":${'1'.repeat(16_000)}}`,
    ];
    for (const line of hostile) expect(read(line)).toBe('EPROTO');
  });
});

// Objects that are right but for a few tokens, so that many of them are taken.
const token = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '"',
    '\\',
    '"type"',
    '"ping"',
    '"token"',
    '1',
    '0',
    '-',
    '01',
    '1.0',
    '1e1',
  ],
  ...[
    'true',
    'null',
    '"x"',
    '"\\u0078"',
    '"\\x"',
    '"\\ud800"',
    '9007199254740991',
    '9007199254740993',
    '\u2028',
  ],
);
const member = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('"type":"ping"', '"token":1', '"x":"\\n"', '"y" : true', '"\\u0079":0'),
  },
  { weight: 1, arbitrary: fc.tuple(token, token, token).map((tokens) => tokens.join('')) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string(), fc.jsonValue())
      .map(([name, value]) => `"${name}":${JSON.stringify(value)}`),
  },
);
const nearlyJson = fc
  .uniqueArray(member, { maxLength: 5 })
  .map((members) => `{${['"type":"ping"', '"token":1', ...members].slice(members.length % 3).join(',')}}`);
