import { describe, expect, it } from 'vitest';
import { isFieldText } from '../../../src/protocol/fields.js';
import { decodeValue, encodeValue } from '../../../src/protocol/methods/json-value.js';

const rule = { name: 'input', maxBytes: 1_000 };
const cyclic: Record<string, unknown> = {};
cyclic['a'] = { b: cyclic };
const branching: Record<string, unknown> = {};
Object.assign(branching, { a: branching, b: branching, c: branching });
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
class Point {
  x = 1;
}

describe('a value', () => {
  it.each([
    null,
    true,
    0,
    -1.5,
    1e300,
    '',
    'text with "quotes" and \\',
    '\u0000\u001f\u007f\u0085\u009f\ufffe\uffff\u{1f600}',
    [],
    {},
    [1, [2, { a: null }]],
    { 'a key': 1, ä: [true] },
    deep(64),
  ])('arrives as it was sent, through a text that a field can hold: %j', (value) => {
    const text = encodeValue(value, rule) ?? '';
    expect(isFieldText(text)).toBe(true);
    expect(decodeValue(text)).toEqual(value);
  });

  it('of undefined has no text', () => {
    expect(encodeValue(undefined, rule)).toBeUndefined();
  });

  it('lacks the properties that are undefined', () => {
    expect(encodeValue({ a: undefined, b: 1 }, rule)).toBe('{"b":1}');
  });

  it('can be an object without a prototype, or of another realm', () => {
    expect(encodeValue(Object.assign(Object.create(null) as object, { a: 1 }), rule)).toBe('{"a":1}');
  });

  it.each([
    [{ items: [0, 1, 2, new Date(0)] }, 'input.items[3] is a Date; send its toISOString().'],
    [{ 'a b': { c: NaN } }, 'input["a b"].c is NaN.'],
    [[Infinity], 'input[0] is Infinity.'],
    [-0, 'input is -0.'],
    [[undefined], 'input[0] is undefined.'],
    // eslint-disable-next-line no-sparse-arrays
    [[1, , 3], 'input[1] is undefined.'],
    [1n, 'input is a bigint.'],
    [() => 1, 'input is a function.'],
    [Symbol('a'), 'input is a symbol.'],
    [{ [Symbol('a')]: 1 }, 'input has a symbol as a key.'],
    [new Map(), 'input is a Map.'],
    [new Set(), 'input is a Set.'],
    [new Uint8Array(1), 'input is a Uint8Array.'],
    [Buffer.from('a'), 'input is a Buffer.'],
    [new Point(), 'input is a Point.'],
    [/a/.exec('a'), 'input is an array with other properties.'],
    [{ toJSON: () => 1 }, 'input.toJSON is a function.'],
    [cyclic, 'input.a.b contains itself.'],
    [branching, 'input.a contains itself.'],
    [deep(65), /is more than 64 levels deep\.$/],
    [JSON.parse('{"__proto__":1}'), 'input has a property __proto__.'],
    ['\ud800', 'input has a lone surrogate.'],
    [{ '\ud800': 1 }, 'input has a key with a lone surrogate.'],
  ])('that JSON would lose or change is refused (%#)', (value, message) => {
    expect(() => encodeValue(value, rule)).toThrow(TypeError);
    expect(() => encodeValue(value, rule)).toThrow(message);
  });

  it('with more bytes than the limit is EMSGSIZE', () => {
    expect(encodeValue('x'.repeat(998), rule)).toHaveLength(1_000);
    const tooLong = ['x'.repeat(999), 'ä'.repeat(500), Array.from({ length: 1_001 }, () => 1)];
    for (const value of tooLong)
      expect(() => encodeValue(value, rule)).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
  });
});

describe('a text of the other end', () => {
  it.each(['', '{', 'undefined', '[1,]', '\ufeff1'])('that is not JSON is refused: %j', (text) => {
    expect(() => decodeValue(text)).toThrow('is not JSON');
  });

  it('with a property __proto__ is refused, however it is written', () => {
    for (const key of ['__proto__', '\\u005f_proto__'])
      expect(() => decodeValue(`[{"a":{"${key}":{"isAdmin":true}}}]`)).toThrow('has a property __proto__');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('that is too deep is refused', () => {
    expect(() => decodeValue('['.repeat(65) + ']'.repeat(65))).toThrow('levels deep');
    expect(() => decodeValue('['.repeat(500_000) + ']'.repeat(500_000))).toThrow('levels deep');
  });
});
