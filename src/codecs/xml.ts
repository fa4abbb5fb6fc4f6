/**
 * Frames as XML: one empty element a line, the fields as its attributes.
 *
 *     <open id="1" op="download" path="my report.txt"/>
 *
 * The reader is its own and knows nothing else: no content, declarations, comments, instructions, entities beyond the
 * five, or namespaces. `<!` and `<?` are refused at their second byte, so there is no DTD to attack.
 */
import { TransferError } from '../errors.js';
import type { FieldName, FieldValue } from '../protocol/fields.js';
import type { Frame, WireRecord } from '../protocol/frames.js';
import { defineLineCodec, joinFields } from './line-codec.js';
import { RecordBuilder } from './record-builder.js';
import { escapeAttribute, unescapeAttribute } from './xml-references.js';

/** The codec `'xml'`. */
export const xmlCodec = defineLineCodec({ name: 'xml', format, parse, detect, mayBegin });

function format(frame: Frame): string {
  if (frame.type === 'data') return `<data id="${frame.id}" length="${frame.length}"/>`;
  return `<${frame.type}${joinFields(frame, attribute)}/>`;
}

function attribute(name: FieldName, value: FieldValue): string {
  return ` ${name}="${typeof value === 'string' ? escapeAttribute(value) : value}"`;
}

const ELEMENT = /<([A-Za-z_][A-Za-z0-9_.-]*)/y;
const ATTRIBUTE = / +([A-Za-z_][A-Za-z0-9_.-]*)="([^"<]*)"/y;
const END = / *\/>$/y;

function parse(line: string): WireRecord {
  const builder = new RecordBuilder();
  let element = matchAt(ELEMENT, line, 0);
  if (element === null) throw notEmptyElement();
  builder.addType(element[1] ?? '');
  let at = ELEMENT.lastIndex;
  while ((element = matchAt(ATTRIBUTE, line, at)) !== null) {
    const [, name = '', value = ''] = element;
    if (name === 'xmlns') throw new TransferError('EPROTO', 'A header names an XML namespace.');
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
  return new TransferError(
    'EPROTO',
    'A header is not one empty XML element with attributes in double quotes.',
  );
}

const LESS_THAN = 0x3c;

function detect([first]: Uint8Array): boolean | undefined {
  return first === undefined ? undefined : first === LESS_THAN;
}

function mayBegin([first, second]: Uint8Array): boolean {
  return first === LESS_THAN && (second === undefined || isNameStart(second));
}

function isNameStart(byte: number): boolean {
  const lowerCase = byte | 0x20;
  return (lowerCase >= 0x61 && lowerCase <= 0x7a) || byte === 0x5f;
}
