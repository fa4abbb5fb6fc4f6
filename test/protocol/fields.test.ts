import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fieldByName,
  fieldTable,
  isFieldText,
  parseInteger,
  parseSigned,
  toFieldText,
} from '../../src/protocol/fields.js';
import { MAX_INTEGER } from '../../src/protocol/limits.js';

describe('the field table', () => {
  test('gives every field a unique number below those for private use', () => {
    const numbers = Object.values(fieldTable).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number >= 1 && number < 4_096).toBe(true);
  });

  test('has names that every codec can write', () => {
    for (const name of Object.keys(fieldTable)) expect(name).toMatch(/^[a-z][A-Za-z]*$/);
  });

  test('has its own names, and none that objects inherit', () => {
    expect(fieldByName('path')).toEqual({ name: 'path', type: 'text', number: 9 });
    for (const name of ['type', 'constructor', '__proto__', 'toString', ''])
      expect(fieldByName(name)).toBeUndefined();
  });
});

describe('parseSigned', () => {
  test('reads every integer from -(2^53 - 1) to 2^53 - 1 in its decimal form', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(parseSigned(String(value))).toBe(value || 0);
      }),
    );
    expect(parseSigned('-9007199254740991')).toBe(-MAX_INTEGER);
  });

  test.each(['', '-', '-0', '-01', '--1', '- 1', '+1', '-1.0', '-1e3', '\u22121', '-9007199254740992'])(
    'refuses %j',
    (text) => {
      expect(parseSigned(text)).toBeUndefined();
    },
  );
});

describe('parseInteger', () => {
  test('reads every integer from 0 to 2^53 - 1 in its decimal form', () => {
    fc.assert(
      fc.property(fc.nat(MAX_INTEGER), (value) => {
        expect(parseInteger(String(value))).toBe(value);
      }),
    );
    expect(parseInteger('9007199254740991')).toBe(MAX_INTEGER);
  });

  test.each([
    '',
    '01',
    '00',
    '-0',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '1\n',
    '1_0',
    '١',
    'NaN',
    'Infinity',
  ])('rejects %j', (text) => expect(parseInteger(text)).toBeUndefined());

  test.each([
    '9007199254740992',
    '9007199254740993',
    '9999999999999999',
    '10000000000000000',
    '9'.repeat(400),
  ])('rejects %s, which is above 2^53 - 1', (text) => expect(parseInteger(text)).toBeUndefined());
});

describe('the text of fields', () => {
  test('contains no control character, no lone surrogate, and no U+FFFE or U+FFFF', () => {
    for (const text of [
      '\0',
      '\n',
      '\r',
      '\t',
      '\u001f',
      '\u007f',
      '\u0085',
      '\u009f',
      '\ufffe',
      '\uffff',
      '\ud800',
      'a\udc00',
    ]) {
      expect(isFieldText(text)).toBe(false);
    }
  });

  test('may contain everything else', () => {
    for (const text of ['', ' ', '~', '\u00a0', '\ufffd', '\ufeff', '\u2028', '\u{1f4c4}', '\u{10ffff}']) {
      expect(isFieldText(text)).toBe(true);
    }
  });

  test('is the result of toFieldText for any text, within the maximum length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, maxLength) => {
        const fit = toFieldText(text, maxLength);
        expect(isFieldText(fit)).toBe(true);
        expect(Array.from(fit).length).toBe(Math.min(Array.from(text).length, maxLength));
      }),
    );
  });

  test('is unchanged by toFieldText when it is valid, and loses only invalid characters', () => {
    expect(toFieldText('größe \u{1f4c4}', 100)).toBe('größe \u{1f4c4}');
    expect(toFieldText('a\nb\u0085c\ud800', 100)).toBe('a\ufffdb\ufffdc\ufffd');
  });

  test('is cut by toFieldText between characters, which are counted as code points', () => {
    expect(toFieldText('ab\u{1f4c4}c', 3)).toBe('ab\u{1f4c4}');
    expect(toFieldText('\u{1f4c4}'.repeat(501), 500)).toBe('\u{1f4c4}'.repeat(500));
    expect(toFieldText('\u{1f4c4}a', 1)).toBe('\u{1f4c4}');
    expect(toFieldText('\ud83d'.repeat(3), 2)).toBe('\ufffd\ufffd');
  });
});
