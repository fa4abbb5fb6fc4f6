/**
 * Frames as words: `type key=value key=value`.
 *
 *     open id=1 op=download path=my%20report.txt
 *
 * Words are separated by one space. In a value, spaces, `%` and control characters are percent-encoded UTF-8.
 */
import { protocolError } from '../../errors.js';
import type { FieldName, FieldValue } from '../../protocol/fields.js';
import { joinFields, type Frame } from '../../protocol/frames.js';
import type { WireRecord } from '../../protocol/records/frame-from-record.js';
import { defineLineCodec } from './line-codec.js';
import { RecordBuilder } from '../framing/record-builder.js';

/** The codec `'text'`, for `nc`, terminals and small clients in any language. */
export const textCodec = defineLineCodec({ name: 'text', format, parse, detect, canStartWith });

function format(frame: Frame): string {
  return frame.type + joinFields(frame, word);
}

function word(name: FieldName, value: FieldValue): string {
  return ` ${name}=${typeof value === 'string' ? escape(value) : value}`;
}

const ESCAPED = /[ %\u0000-\u001f\u007f-\u009f]/g;

function escape(value: string): string {
  // It encodes every character that the pattern matches.
  return value.replace(ESCAPED, (character) => encodeURIComponent(character));
}

function parse(line: string): WireRecord {
  const builder = new RecordBuilder();
  let end = endOfWord(line, 0);
  builder.addType(line.slice(0, end));
  while (end < line.length) {
    const start = end + 1;
    end = endOfWord(line, start);
    const equals = line.indexOf('=', start);
    if (equals < 0 || equals > end) throw protocolError('A word of a header must be name=value.');
    builder.add(line.slice(start, equals), unescape(line.slice(equals + 1, end)));
  }
  return builder;
}

function endOfWord(line: string, start: number): number {
  const space = line.indexOf(' ', start);
  return space < 0 ? line.length : space;
}

function unescape(value: string): string {
  // It throws if an escape is incomplete or the bytes are not UTF-8.
  return value.includes('%') ? decodeURIComponent(value) : value;
}

const HELLO = Buffer.from('hello ');

function detect(firstBytes: Uint8Array): boolean | undefined {
  const known = Math.min(firstBytes.length, HELLO.length);
  if (HELLO.compare(firstBytes, 0, known, 0, known) !== 0) return false;
  return known === HELLO.length ? true : undefined;
}

function canStartWith([first = 0]: Uint8Array): boolean {
  const lowerCase = first | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x7a;
}
