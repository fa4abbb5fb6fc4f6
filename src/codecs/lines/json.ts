/**
 * Frames as JSON: one flat object a line, with `type` and the fields as its members.
 *
 *     {"type":"open","id":1,"op":"download","path":"my report.txt"}
 *
 * `JSON.parse` is not used, because it accepts duplicate members, which each peer could read differently, and numbers
 * that lose digits. This reader accepts nothing that `JSON.parse` rejects.
 */
import type { FieldName, FieldValue } from '../../protocol/fields.js';
import { joinFields, type Frame } from '../../protocol/frames.js';
import type { WireRecord } from '../../protocol/records/frame-from-record.js';
import { JsonScanner, notFlatObject } from './json-scanner.js';
import { defineLineCodec } from './line-codec.js';
import { RecordBuilder } from '../framing/record-builder.js';

const [BRACE, END_BRACE, COLON, COMMA] = [0x7b, 0x7d, 0x3a, 0x2c];

/** The codec `'json'`. */
export const jsonCodec = defineLineCodec({ name: 'json', format, parse, detect, canStartWith });

function format(frame: Frame): string {
  return `{"type":"${frame.type}"${joinFields(frame, member)}}`;
}

function member(name: FieldName, value: FieldValue): string {
  return `,"${name}":${typeof value === 'string' ? JSON.stringify(value) : value}`;
}

function parse(line: string): WireRecord {
  const builder = new RecordBuilder('typed');
  const scanner = new JsonScanner(line);
  if (line.charCodeAt(0) !== BRACE || !scanner.consume(BRACE)) throw notFlatObject();
  do {
    const name = scanner.string();
    if (!scanner.consume(COLON)) throw notFlatObject();
    builder.add(name, scanner.value());
  } while (scanner.consume(COMMA));
  if (!scanner.consume(END_BRACE) || !scanner.isAtEnd) throw notFlatObject();
  return builder;
}

function detect([first]: Uint8Array): boolean | undefined {
  return first === undefined ? undefined : first === BRACE;
}

function canStartWith([first]: Uint8Array): boolean {
  return first === BRACE;
}
