/** Writes frames that may be wrong as lines: text, JSON and XML. Not a word is checked. */
import { looseUtf8, type LooseFrame, type Value } from './loose-frame.js';

/** How one notation by lines writes. */
interface Notation {
  line(type: string, fields: readonly Buffer[]): Buffer;
  field(name: string, value: Buffer): Buffer;
  text(value: string): Buffer;
  /** Around bytes that are not escaped. */
  quote: string;
}

const percent = (bytes: Buffer): string =>
  Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const ESCAPED_IN_TEXT = /[ %\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u;
const ESCAPED_IN_XML = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u;

const notations: Record<'text' | 'json' | 'xml', Notation> = {
  text: {
    line: (type, fields) => joined(type, ...fields),
    field: (name, value) => joined(` ${name}=`, value),
    text: (value) =>
      joined(...Array.from(value, (one) => (ESCAPED_IN_TEXT.test(one) ? percent(looseUtf8(one)) : one))),
    quote: '',
  },
  json: {
    line: (type, fields) => joined(`{"type":${JSON.stringify(type)}`, ...fields, '}'),
    field: (name, value) => joined(`,${JSON.stringify(name)}:`, value),
    text: (value) => Buffer.from(JSON.stringify(value)),
    quote: '"',
  },
  xml: {
    line: (type, fields) => joined(`<${type}`, ...fields, '/>'),
    field: (name, value) => joined(` ${name}="`, value, '"'),
    text: (value) => Buffer.from(Array.from(value, xmlCharacter).join('')),
    quote: '',
  },
};

/** The line of a frame, without its end. */
export function looseLine(codec: 'text' | 'json' | 'xml', { type, fields }: LooseFrame): Buffer {
  const notation = notations[codec];
  return notation.line(
    type,
    fields.map(([name, value]) => notation.field(name, valueOf(notation, value))),
  );
}

function valueOf(notation: Notation, value: Value): Buffer {
  if (typeof value === 'string') return notation.text(value);
  if (typeof value !== 'object') return Buffer.from(String(value));
  if ('digits' in value) return Buffer.from(value.digits);
  return joined(notation.quote, Buffer.from(value.raw), notation.quote);
}

function xmlCharacter(character: string): string {
  if (ESCAPED_IN_XML.test(character)) return `&#${character.codePointAt(0) ?? 0};`;
  return entities[character] ?? character;
}

function joined(...pieces: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}
