/** Tricks of the text notation. */
import { lineTricks } from './trick.js';

const plus =
  (field: string) =>
  (line: string): string =>
    `${line} ${field}`;

/** A field more, whose value is these bytes. */
const plusBytes =
  (hex: string) =>
  (line: string): Buffer =>
    Buffer.concat([Buffer.from(`${line} future=`), Buffer.from(hex, 'hex')]);

export const textTricks = lineTricks(
  'text',
  {
    'two spaces': (line) => line.replace(' ', '  '),
    'a space before it': (line) => ` ${line}`,
    'a space after it': (line) => `${line} `,
    'a tab': (line) => line.replace(' ', '\t'),
    'a tab before it': (line) => `\t${line}`,
    'a vertical tab': (line) => line.replace(' ', '\v'),
    'no value': plus('future'),
    'no name': plus('=1'),
    'nothing but an equals sign': plus('='),
    'two equals signs and no name': plus('==1'),
    'a name that begins with a digit': plus('1st=1'),
    'a name with a dot': plus('a.b=1'),
    'a name with a colon': plus('a:b=1'),
    'a name with a letter beyond ASCII': plus('größe=1'),
    'a name that is escaped': plus('%69d=1'),
    'the name __proto__': plus('__proto__=1'),
    'a name twice': plus('future=1 future=1'),
    'a name twice, once escaped': plus('id=%31'),
    'a percent sign alone': plus('future=100%'),
    'half an escape': plus('future=%4'),
    'an escape of other letters': plus('future=%zz'),
    'an escape with a sign': plus('future=%+1'),
    'an escape with a space': plus('future=% 1'),
    'an escape of half a character': plus('future=%C3'),
    'an escape of an overlong character': plus('future=%C0%AF'),
    'an escape of a surrogate': plus('future=%ED%A0%80'),
    'an escape beyond Unicode': plus('future=%F4%90%80%80'),
    'an escape of UTF-16': plus('future=%u0041'),
    'an escape of a control character': plus('future=%00'),
    'an escape of a delete': plus('future=%7F'),
    'an escape of U+FFFE': plus('future=%EF%BF%BE'),
    'half a character': plusBytes('c3'),
    'an overlong character': plusBytes('c0af'),
    'a surrogate': plusBytes('eda080'),
    'a byte that is no UTF-8': plusBytes('ff'),
    'a null byte': plusBytes('00'),
    'an escape of a terminal': plusBytes('1b5b324a'),
    'a delete': plusBytes('7f'),
    'a control beyond ASCII': plusBytes('c285'),
    'a byte order mark': (line) => `\ufeff${line}`,
    'UTF-16': (line) => Buffer.from(line, 'utf16le'),
    'an empty line before it': (line) => `\n${line}`,
    'an empty line of CRLF before it': (line) => `\r\n${line}`,
    'a CR in it': (line) => line.replace(' ', '\r '),
    'two CRs at its end': (line) => `${line}\r\r`,
    'a CR alone at its end, and another line': (line) => `${line}\rping token=1`,
    JSON: (line) => `{"type":"${line.split(' ')[0] ?? ''}"}`,
    'a type with a dash before it': (line) => `-${line}`,
    'a type that is a number': (line) => line.replace(/^[a-z]+/, '3'),
    'a type with an equals sign': (line) => line.replace(' ', '='),
    'quotes around a value': (line) => line.replace(/id=(\d+)/, 'id="$1"'),
    'ten thousand spaces': (line) => line + ' '.repeat(10_000),
    'ten thousand percent signs': plus(`future=${'%'.repeat(10_000)}`),
  },
  {
    'a CR before its end': (line) => `${line}\r`,
    'an unknown field': plus('future=1'),
    'an empty unknown field': plus('future='),
    'an equals sign in a value': plus('future=a=b=c'),
    'the name constructor': plus('constructor=1'),
    'a value that is escaped though it need not be': (line) => line.replace(/id=1/, 'id=%31'),
    'lower case in an escape': plus('future=%c3%b6'),
    'a character beyond Unicode’s first plane': plus('future=\u{1f4be}'),
    'five thousand fields': (line) => line + Array.from({ length: 5_000 }, (_, at) => ` f${at}=1`).join(''),
  },
);
