/** Values that a field of each type must not hold: each is EPROTO, in every notation. */
import type { CodecName } from '../../../../src/index.js';
import type { FieldType } from '../../../../src/protocol/fields.js';
import type { Value } from './loose-frame.js';

/** A value, and its error. */
export interface WrongValue {
  readonly what: string;
  readonly value: Value;
  /** In other codecs the value is not expressible, or valid. */
  readonly codecs?: readonly CodecName[];
}

/** In these codecs a value shows its type. */
const TYPED: readonly CodecName[] = ['json', 'binary'];

const digits = (text: string): WrongValue => ({ what: `'${text.slice(0, 24)}'`, value: { digits: text } });
const character = (text: string): WrongValue => ({
  what: `U+${text.charCodeAt(0).toString(16).padStart(4, '0')}`,
  value: `a${text}b`,
});
const bytes = (hex: string): WrongValue => ({
  what: `the bytes ${hex}`,
  value: { raw: Buffer.from(`61${hex}62`, 'hex') },
});

const wrongIntegers = [
  { what: 'nothing', value: { digits: '' } },
  { what: 'true', value: true },
  { what: 'a word', value: 'x' },
  { what: 'a number as a text', value: '1', codecs: TYPED },
  digits('+1'),
  digits('-0'),
  digits('01'),
  digits('00'),
  digits('1.0'),
  digits('1.5'),
  digits('1e3'),
  digits('0x10'),
  digits('1_000'),
  digits('9007199254740992'),
  digits('18446744073709551616'),
  digits('9'.repeat(400)),
  digits('null'),
  digits('NaN'),
  digits('Infinity'),
  digits('\u0661'),
];

/** By the type of the field. */
export const wrongValues: Record<FieldType, readonly WrongValue[]> = {
  integer: [...wrongIntegers, digits('-1')],
  signed: [
    ...wrongIntegers,
    digits('-'),
    digits('--1'),
    digits('-01'),
    digits('-1.5'),
    digits('-9007199254740992'),
  ],
  text: [
    ...['\u0000', '\u0007', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009f'].map(character),
    ...['\ud800', '\udfff', '\ufffe', '\uffff'].map(character),
    ...['00', '09', '0d', '7f', 'ff', 'c328', 'c080', 'c0ae', 'eda080', 'f8888080', 'f4908080'].map(bytes),
    { what: 'an integer', value: 5, codecs: TYPED },
    { what: 'true', value: true, codecs: TYPED },
  ],
  flag: [
    { what: 'nothing', value: { digits: '' } },
    { what: 'a word', value: 'maybe' },
    { what: '1', value: 1 },
    { what: '0', value: 0 },
    { what: 'true as a text', value: 'true', codecs: TYPED },
    ...['TRUE', 'True', 'yes', 'null'].map(digits),
  ],
};

/** Names of inherited properties of objects: they have no effect. */
export const prototypeNames = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'];
