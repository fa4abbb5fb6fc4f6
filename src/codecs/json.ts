/**
 * Frames as JSON: one flat object a line, `type` and the fields as its members.
 *
 *     {"type":"open","id":1,"op":"download","path":"my report.txt"}
 *
 * The reader is its own, because `JSON.parse` takes what must be refused: duplicate members, which each peer would read
 * differently, and numbers that lose digits. It takes nothing that `JSON.parse` refuses.
 */
import { TransferError } from '../errors.js';
import { parseInteger } from '../protocol/fields.js';
import { fieldsOf, type Frame, type WireRecord } from '../protocol/frames.js';
import { defineLineCodec } from './line-codec.js';
import { RecordBuilder } from './record-builder.js';

/** The codec `'json'`: JSON lines, with raw payload between them. */
export const jsonCodec = defineLineCodec({ name: 'json', format, parse, detect, mayBegin });

function format(frame: Frame): string {
  if (frame.type === 'data') return `{"type":"data","id":${frame.id},"length":${frame.length}}`;
  let line = `{"type":"${frame.type}"`;
  for (const [name, value] of fieldsOf(frame)) {
    line += `,"${name}":${typeof value === 'string' ? JSON.stringify(value) : value}`;
  }
  return line + '}';
}

// One member and the comma or brace after it: its name, its value as a string, an integer or a flag.
// Strings are unrolled loops, so that no input makes the matching step back more than once.
const MEMBER =
  / *("[^"\\]*(?:\\.[^"\\]*)*") *: *(?:("[^"\\]*(?:\\.[^"\\]*)*")|(0|[1-9][0-9]{0,15})|(true|false)) *([,}])/y;

function parse(line: string): WireRecord {
  if (!line.startsWith('{')) throw notFlat();
  const builder = new RecordBuilder();
  let at = 1;
  for (let separator = ','; separator === ','; at = MEMBER.lastIndex) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(line);
    if (member === null) throw notFlat();
    builder.addTyped(stringOf(member[1]), valueOf(member));
    separator = member[5] ?? '';
  }
  if (at !== line.length) throw notFlat();
  return builder.record;
}

function valueOf([, , text, digits, flag]: RegExpExecArray): string | number | boolean {
  if (text !== undefined) return stringOf(text);
  if (digits === undefined) return flag === 'true';
  const integer = parseInteger(digits);
  if (integer === undefined) throw new TransferError('EPROTO', 'An integer is above 2^53 - 1.');
  return integer;
}

function stringOf(quoted = ''): string {
  // The pattern has found where the string ends; whether its escapes are JSON's is judged here, by throwing.
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function notFlat(): TransferError {
  return new TransferError(
    'EPROTO',
    'A header is not one flat JSON object of strings, integers, true and false.',
  );
}

const BRACE = 0x7b;

function detect([first]: Uint8Array): boolean | undefined {
  return first === undefined ? undefined : first === BRACE;
}

function mayBegin([first]: Uint8Array): boolean {
  return first === BRACE;
}
