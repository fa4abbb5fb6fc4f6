/**
 * The fields of a binary header: for each a tag byte, its number in the field table * 4 + its wire type, and its value.
 *
 *     wire type   0 integer     an unsigned varint
 *                 1 text        its length in bytes as a varint, then UTF-8
 *                 2 true        nothing
 *                 3 false       nothing
 *
 * A field whose number is not known is skipped by its wire type. `code` is an integer, its number in the error table,
 * where it has one, else a text.
 */
import { isUtf8 } from 'node:buffer';
import { errorTable, isKnownErrorCode, TransferError } from '../errors.js';
import { fieldTable, type FieldName, type FieldType, type FieldValue } from '../protocol/fields.js';
import type { RecordBuilder } from './record-builder.js';
import { ByteCursor, MAX_VARINT_BYTES, writeVarint } from './varint.js';

/** A field and its value. */
export type Field = [name: FieldName, value: FieldValue];

/** The most bytes that fields can need, without walking over their texts. */
export function maxFieldsBytes(fields: readonly Field[]): number {
  let most = 0;
  for (const [, value] of fields) {
    // No UTF-16 unit takes more than three bytes of UTF-8.
    most += 1 + MAX_VARINT_BYTES + (typeof value === 'string' ? value.length * 3 : 0);
  }
  return most;
}

/** Writes fields, except `id`, and returns the index after them. There must be room for `maxFieldsBytes`. */
export function writeFields(fields: readonly Field[], into: Buffer, start: number): number {
  let at = start;
  for (const field of fields) {
    if (field[0] !== 'id') at = writeField(field, into, at);
  }
  return at;
}

/** Reads fields into a record. Throws EPROTO where they are not well-formed. */
export function readFields(fields: Buffer, builder: RecordBuilder): void {
  const cursor = new ByteCursor(fields);
  while (!cursor.isAtEnd) readField(cursor, builder);
}

const wireTypes = { integer: 0, text: 1, true: 2, false: 3 };

function writeField([name, value]: Field, into: Buffer, at: number): number {
  const tag = fieldTable[name].number * 4;
  if (typeof value === 'boolean') {
    into[at] = tag + (value ? wireTypes.true : wireTypes.false);
    return at + 1;
  }
  const integer = typeof value === 'number' ? value : numberOfCode(name, value);
  into[at] = tag + (integer === undefined ? wireTypes.text : wireTypes.integer);
  if (integer !== undefined) return writeVarint(into, at + 1, integer);
  const text = String(value);
  const textAt = writeVarint(into, at + 1, Buffer.byteLength(text));
  return textAt + into.write(text, textAt);
}

function numberOfCode(name: FieldName, value: string): number | undefined {
  return name === 'code' && isKnownErrorCode(value) ? errorTable[value].number : undefined;
}

const fieldsByNumber = new Map<number, { name: FieldName; type: FieldType }>();
for (const [name, { type, number }] of Object.entries(fieldTable)) {
  // The keys of the table are its names; `Object.entries` calls them strings only.
  fieldsByNumber.set(number, { name: name as FieldName, type });
}
const codesByNumber = new Map<number, string>();
for (const [code, { number }] of Object.entries(errorTable)) codesByNumber.set(number, code);

function readField(cursor: ByteCursor, builder: RecordBuilder): void {
  const tag = cursor.byte();
  const number = tag >> 2;
  const value = readValue(cursor, tag & 3);
  if (number === 0 || number === fieldTable.id.number || number === fieldTable.length.number) {
    throw new TransferError('EPROTO', 'The fields of a header hold one that cannot stand there.');
  }
  const field = fieldsByNumber.get(number);
  if (field === undefined) builder.add(`#${number}`, value);
  else if (field.name === 'code' && typeof value === 'number')
    builder.add('code', codesByNumber.get(value) ?? 'EIO');
  else builder.addTyped(field.name, value);
}

function readValue(cursor: ByteCursor, wireType: number): FieldValue {
  if (wireType === wireTypes.integer) return cursor.varint();
  if (wireType !== wireTypes.text) return wireType === wireTypes.true;
  const bytes = cursor.bytes(cursor.varint());
  if (!isUtf8(bytes)) throw new TransferError('EPROTO', 'A text in a header is not UTF-8.');
  return bytes.toString();
}
