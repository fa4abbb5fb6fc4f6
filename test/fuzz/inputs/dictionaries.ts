/** The tokens of each codec, and inputs that are hard for its readers. */
import { fieldTable } from '../../../src/protocol/fields.js';
import { frameTable } from '../../../src/protocol/frames.js';
import type { CodecName } from '../../../src/index.js';
import type { Dictionary } from './mutation.js';

const names = [
  ...Object.keys(frameTable),
  ...Object.keys(fieldTable),
  ...['x', 'type', 'unknown', 'constructor', 'x-private', '__proto__', '1st', 'a.b', 'a:b', 'größe'],
];

/** Invalid or nearly invalid UTF-8: surrogates, overlong forms, a byte-order mark, noncharacters, cut sequences. */
const unicode = [
  ...['eda080', 'edb080', 'c080', 'c0af', 'f4908080', 'efbbbf', 'efbfbe', 'efbfbf', 'f09f'],
  ...['c3bc', 'c285', 'e280a8', 'f09f9384', '00', '0a', '0d0a', '7f', 'fe', 'ff'],
].map((hexadecimal) => Buffer.from(hexadecimal, 'hex'));

const lines: Record<Exclude<CodecName, 'binary'>, readonly string[]> = {
  text: [
    ' ',
    '  ',
    '=',
    '%',
    '%20',
    '%0a',
    '%ff',
    '%ED%A0%80',
    '%C3%BC',
    '%zz',
    ' id=1',
    ' x=y',
    ' x=%0a',
    ' path=%00',
    ' offset=abc',
    ' check=1',
    'true',
    '\n',
  ],
  json: [
    ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\n', '\\u0000', '\\ud800', '\\ud83d\\udcc4', '\\/', '\\x'],
    ...['null', 'true', 'false', ',"id":1', ',"x":"y"', '"__proto__":1', ' ', '\t', '-', '1e1', '//', '\n'],
    ...[',"x":"\\u0000"', ',"path":5', ',"offset":"abc"', ',"":1', ',"a b":1', ',"check":1', '"type":""'],
    ...[',"\\u0069d":1', '{"type":', '"\\'.repeat(20)],
  ],
  xml: [
    ...[
      '<',
      '>',
      '/>',
      '</a>',
      '"',
      "'",
      '=',
      ' ',
      '\t',
      '&amp;',
      '&lt;',
      '&#65;',
      '&#x41;',
      '&#0;',
      '&#xD800;',
    ],
    ...[
      '&#x10FFFF;',
      '&#x110000;',
      '&#9;',
      '&#10;',
      '&x;',
      '&',
      ';',
      '<!',
      '<?xml?>',
      '<![CDATA[',
      'xmlns="a"',
    ],
    ...[' x="&#10;"', ' offset="abc"', ' path="a>b\'c"', ' check="1"', ' a.b="c"', ' _a="b"'],
    ...['xml:id="a"', ' a:b="c"', ' id="1"', ' x="y"', '<!--', '&#xFFFE;', '&#00000000000000000065;', '\n'],
  ],
};

const words = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text));

/** Varints, some too long or too large, and tags. */
const binary = [
  ...[
    '00',
    '80',
    '8000',
    'ff',
    'ffffffffffffff0f',
    'ffffffffffffff10',
    'ffffffffffffffff7f',
    '01',
    '05',
    'fe',
  ],
  // Tags of two bytes: field 48, one of later versions, one for private use, one that is not in its shortest form.
  ...['c00101', 'd20f', 'd10f0161', 'd10f010a', 'd00f00', '81800101ff', 'd28f00', 'fc0101', '250161'],
  ...['0c01', '210473746174', '2500', '25ff', '5001', '510345494f', '7e', '7f', '00ff', '0405'],
].map((hexadecimal) => Buffer.from(hexadecimal, 'hex'));

export const dictionaries: Record<CodecName, Dictionary> = {
  text: [...words(names), ...words(lines.text), ...unicode],
  json: [...words(names), ...words(lines.json), ...unicode],
  xml: [...words(names), ...words(lines.xml), ...unicode],
  binary: [...binary, ...words(['EIO', '\n']), ...unicode],
};
