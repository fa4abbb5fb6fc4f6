/**
 * Frames as XML: one empty element a line, with the fields as its attributes.
 *
 *     <open id="1" op="download" path="my report.txt"/>
 *
 * The reader accepts nothing else: no content, declarations, comments, instructions, namespaces, or entities beyond the
 * five. `<!` and `<?` are rejected at their second byte, so DTD attacks are impossible.
 */
import { protocolError, type TransferError } from '../../errors.js';
import type { FieldName, FieldValue } from '../../protocol/fields.js';
import { joinFields, type Frame } from '../../protocol/frames.js';
import type { WireRecord } from '../../protocol/records/frame-from-record.js';
import { defineLineCodec } from './line-codec.js';
import { RecordBuilder } from '../framing/record-builder.js';

/** The codec `'xml'`. */
export const xmlCodec = defineLineCodec({ name: 'xml', format, parse, detect, canStartWith });

function format(frame: Frame): string {
  return `<${frame.type}${joinFields(frame, attribute)}/>`;
}

function attribute(name: FieldName, value: FieldValue): string {
  return ` ${name}="${typeof value === 'string' ? escapeAttribute(value) : value}"`;
}

const ELEMENT = /<([A-Za-z][A-Za-z0-9_-]*)/y;
const ATTRIBUTE = / +([A-Za-z][A-Za-z0-9_-]*)="([^"<]*)"/y;
const END = / *\/>$/y;

function parse(line: string): WireRecord {
  const builder = new RecordBuilder();
  let element = matchAt(ELEMENT, line, 0);
  if (element === null) throw notEmptyElement();
  builder.addType(element[1] ?? '');
  let at = ELEMENT.lastIndex;
  while ((element = matchAt(ATTRIBUTE, line, at)) !== null) {
    const [, name = '', value = ''] = element;
    if (name === 'xmlns') throw protocolError('A header must not have an XML namespace.');
    builder.add(name, unescapeAttribute(value));
    at = ATTRIBUTE.lastIndex;
  }
  if (matchAt(END, line, at) === null) throw notEmptyElement();
  return builder;
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

function notEmptyElement(): TransferError {
  return protocolError('A header must be one empty XML element with attributes in double quotes.');
}

const LESS_THAN = 0x3c;

function detect([first]: Uint8Array): boolean | undefined {
  return first === undefined ? undefined : first === LESS_THAN;
}

function canStartWith([first, second]: Uint8Array): boolean {
  return first === LESS_THAN && (second === undefined || isNameStart(second));
}

function isNameStart(byte: number): boolean {
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x7a;
}

/** Escapes a text for an attribute in double quotes. */
function escapeAttribute(text: string): string {
  return text.replace(ESCAPED, (character) => {
    const name = names.get(character);
    // Valid fields have no control characters. If one had, it would still not become a line end.
    return name === undefined ? `&#${character.charCodeAt(0)};` : `&${name};`;
  });
}

/** Replaces the references in an attribute's value. Throws EPROTO if one is not allowed. */
function unescapeAttribute(value: string): string {
  return value.includes('&') ? value.replace(REFERENCE, characterOf) : value;
}

const characters = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const names = new Map(Array.from(characters, ([name, character]) => [character, name]));

const ESCAPED = /[&<>"'\u0000-\u001f\u007f-\u009f]/g;

// The last alternative is an ampersand that begins no reference.
const REFERENCE = /&(?:#x[0-9A-Fa-f]+|#[0-9]+|[a-z]+);|&/g;

function characterOf(reference: string): string {
  const name = reference.slice(1, -1);
  if (!name.startsWith('#')) {
    const character = characters.get(name);
    if (character === undefined) throw protocolError('A header contains an unknown XML entity.');
    return character;
  }
  const codePoint = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  if (!isXmlCharacter(codePoint))
    throw protocolError('A header contains a reference that is not an XML character.');
  return String.fromCodePoint(codePoint);
}

// The production Char of XML 1.0.
function isXmlCharacter(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x9 || codePoint === 0xa || codePoint === 0xd;
  if (codePoint <= 0xd7ff) return true;
  return (codePoint >= 0xe000 && codePoint <= 0xfffd) || (codePoint >= 0x10000 && codePoint <= 0x10ffff);
}
