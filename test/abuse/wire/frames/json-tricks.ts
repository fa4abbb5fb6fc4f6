/** Tricks of the JSON notation. */
import { lineTricks } from './trick.js';

/** With one member more. */
const plus =
  (member: string) =>
  (line: string): string =>
    `${line.slice(0, -1)},${member}}`;

const value = (written: string) => plus(`"future":${written}`);

/** With the id written in another way. */
const id =
  (written: string) =>
  (line: string): string =>
    line.replace(/"id":1\b/, `"id":${written}`);

const plusBytes =
  (hex: string) =>
  (line: string): Buffer =>
    Buffer.concat([
      Buffer.from(`${line.slice(0, -1)},"future":"`),
      Buffer.from(hex, 'hex'),
      Buffer.from('"}'),
    ]);

export const jsonTricks = lineTricks(
  'json',
  {
    'a byte order mark': (line) => `\ufeff${line}`,
    'a space before it': (line) => ` ${line}`,
    'a space after it': (line) => `${line} `,
    'a tab between tokens': (line) => line.replace(',', ',\t'),
    'an array': (line) => `[${line}]`,
    'a string': (line) => JSON.stringify(line),
    'a number': () => '1',
    null: () => 'null',
    'an empty object': () => '{}',
    'nothing but a brace': () => '{',
    'no brace at its end': (line) => line.slice(0, -1),
    'a brace too many': (line) => `${line}}`,
    'two objects': (line) => line + line,
    'a comma at its end': (line) => `${line.slice(0, -1)},}`,
    'a comma at its beginning': (line) => line.replace('{', '{,'),
    'two commas': (line) => line.replace(',', ',,'),
    'no comma': (line) => line.replace(',', ' '),
    'single quotes': (line) => line.replaceAll('"', "'"),
    'a name without quotes': (line) => line.replace('"id"', 'id'),
    'a comment': (line) => line.replace(',', ',/* */'),
    'a comment at its end': (line) => `${line}//`,
    'no type': (line) => line.replace(/"type":"[a-z]+",/, ''),
    'a type that is a number': (line) => line.replace(/"type":"[a-z]+"/, '"type":3'),
    'a type that is true': (line) => line.replace(/"type":"[a-z]+"/, '"type":true'),
    'a type that is null': (line) => line.replace(/"type":"[a-z]+"/, '"type":null'),
    'a type twice': plus('"type":"ping"'),
    'a type that is empty': (line) => line.replace(/"type":"[a-z]+"/, '"type":""'),
    'a type with a space': (line) => line.replace(/"type":"[a-z]+"/, '"type":"a b"'),
    'an empty name': plus('"":1'),
    'a name with a space': plus('"a b":1'),
    'a name beyond ASCII': plus('"größe":1'),
    'a name that begins with a digit': plus('"1st":1'),
    'a name that is __proto__': plus('"__proto__":"x"'),
    'an escaped control character': value('"\\u0000"'),
    'an escaped surrogate': value('"\\ud800"'),
    'a name twice': (line) => line.replace('{', '{"id":1,'),
    'a name twice, once escaped': plus('"\\u0069d":1'),
    'an unknown name twice': plus('"a":1,"a":1'),
    'an object as a value': value('{}'),
    'an object in an object': value('{"a":{"b":1}}'),
    'an array as a value': value('[]'),
    'an array of numbers': value('[1,2,3]'),
    'null as a value': value('null'),
    'undefined as a value': value('undefined'),
    'NaN as a value': value('NaN'),
    'Infinity as a value': value('Infinity'),
    'an exponent': id('1e0'),
    'a capital exponent': id('1E0'),
    'a fraction of nothing': id('1.0'),
    'a fraction': id('1.5'),
    'minus nothing': value('-0'),
    'a negative number for an integer': id('-1'),
    'a plus sign': id('+1'),
    'a leading zero': id('01'),
    'a hexadecimal number': id('0x1'),
    'a number of BigInt': id('1n'),
    'a number that rounds to 2^53 - 1': value('9007199254740991.4'),
    'a number that loses digits': value('9007199254740993'),
    'a number of ten thousand digits': value('1'.repeat(10_000)),
    'a huge exponent': value('1e400'),
    True: value('True'),
    'a bad escape': value('"\\x41"'),
    'an escape of nothing': value('"\\"'),
    'half an escape': value('"\\u12"'),
    'an escaped line end': plus('"a\\\n":1'),
    'a string without its end': (line) => line.slice(0, -3),
    'a null byte': plusBytes('00'),
    'a byte that is no UTF-8': plusBytes('ff'),
    'an overlong character': plusBytes('c0af'),
    'a surrogate in UTF-8': plusBytes('eda080'),
    'a delete': plusBytes('7f'),
    'deep nesting': value(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`),
    'deep nesting of arrays without an end': value('['.repeat(20_000)),
    'a huge array': value(`[${'1,'.repeat(20_000)}1]`),
    'ten thousand backslashes': value('\\'.repeat(10_000)),
    'UTF-16': (line) => Buffer.from(line, 'utf16le'),
    XML: () => '<ping token="1"/>',
  },
  {
    'a CR before its end': (line) => `${line}\r`,
    'spaces between tokens': (line) => line.replace(/,"id":/, ' , "id" : '),
    'spaces within the braces': (line) => `{  ${line.slice(1, -1)}  }`,
    'the type at its end': (line) => line.replace(/^\{("type":"[a-z]+"),(.*)\}$/, '{$2,$1}'),
    'a name that is escaped': (line) => line.replace('"id"', '"\\u0069\\u0064"'),
    'a name that is constructor': plus('"constructor":1'),
    'every escape': value('"\\"\\\\\\/\\u00e9\\ud83d\\udcbe"'),
    'an unknown field': value('true'),
    'a negative number': value('-1'),
    'four thousand members': (line) =>
      `${line.slice(0, -1)}${Array.from({ length: 4_000 }, (_, at) => `,"f${at}":1`).join('')}}`,
  },
);
