/**
 * The fields of a binary header. Each is a tag (its number in the field table * 4 + its wire type, as a varint)
 * and a value.
 *
 *     wire type   0 integer     an unsigned varint
 *                 1 text        its length in bytes as a varint, then UTF-8
 *                 2 true        nothing
 *                 3 false       nothing
 *
 * A field with an unknown number is skipped. `code` is an integer if the code is in the error table, else a text. A signed
 * integer below 0 is the text of its decimal form.
 */
import { errorTable, isKnownErrorCode, protocolError } from '../../errors.js';
import {
  allFields,
  fieldTable,
  parseSigned,
  type Field,
  type FieldName,
  type FieldValue,
} from '../../protocol/fields.js';
import { fieldNames, fieldsOf, type Frame, type FrameType } from '../../protocol/frames.js';
import type { RecordBuilder } from '../framing/record-builder.js';
import { MAX_VARINT_BYTES, writeVarint, type ByteCursor } from './byte-cursor.js';
import { wireTypes } from './wire-types.js';

/** Bytes of the longest decimal form of a signed integer. */
const MAX_DECIMAL_BYTES = 17;

const MAX_TAG_BYTES = 2;

/**
 * Writes the fields of a frame, except `id` and `length`, in the order of the table. Returns the index after them; undefined if
 * they may not fit.
 */
export function writeFields(frame: Frame, into: Buffer, start: number): number | undefined {
  const written = writtenFields.get(frame.type);
  let at = start;
  let last = -1;
  // Nearly all frames are made in the order of the table. A frame has a few of up to 28 fields.
  for (const name in frame) {
    const field = written?.get(name);
    const value = (frame as Partial<Record<string, FieldValue>>)[name];
    if (!field || value === undefined) continue;
    if (field.place < last) return writeInTableOrder(frame, into, start);
    last = field.place;
    if (at + maxBytesOf(value) > into.length) return undefined;
    at = writeField(field, value, { into, at });
  }
  return at > into.length ? undefined : at;
}

/** An upper bound for the bytes of a field, without reading its text. */
function maxBytesOf(value: FieldValue): number {
  // A UTF-16 unit has at most three bytes in UTF-8. A number is a varint or a short text.
  return (
    MAX_TAG_BYTES + MAX_VARINT_BYTES + (typeof value === 'string' ? value.length * 3 : MAX_DECIMAL_BYTES)
  );
}

/** An upper bound for the bytes of a frame's fields. */
export function maxFieldsBytes(frame: Frame): number {
  return fieldsOf(frame).reduce((most, [, value]) => most + maxBytesOf(value), 0);
}

function writeInTableOrder(frame: Frame, into: Buffer, start: number): number | undefined {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  let at = start;
  for (const field of writtenFields.get(frame.type)?.values() ?? []) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (at + maxBytesOf(value) > into.length) return undefined;
    at = writeField(field, value, { into, at });
  }
  return at;
}

interface WrittenField {
  readonly name: FieldName;
  /** In the order of the table. */
  readonly place: number;
  /** Without the wire type. */
  readonly tag: number;
}

/** The fields that have a place in the fixed header. */
const fixed: ReadonlySet<FieldName> = new Set<FieldName>(['id', 'length']);

const writtenFields: ReadonlyMap<string, ReadonlyMap<string, WrittenField>> = new Map(
  Object.entries(fieldNames).map(([type, names]) => [
    type,
    new Map(
      names
        .map((name, place) => ({ name, place, tag: fieldTable[name].number * 4 }))
        .filter(({ name }) => !fixed.has(name))
        .map((field) => [field.name, field]),
    ),
  ]),
);

/** Reads the fields of a header into the record of a frame. Throws EPROTO if they are malformed. */
export function readFields(type: FrameType, cursor: ByteCursor, builder: RecordBuilder): void {
  while (!cursor.isAtEnd) readField(fieldNames[type], cursor, builder);
}

function writeField(
  { name, tag }: WrittenField,
  value: FieldValue,
  { into, at }: { into: Buffer; at: number },
): number {
  if (typeof value === 'boolean')
    return writeVarint(into, at, tag + (value ? wireTypes.true : wireTypes.false));
  const integer = typeof value === 'string' ? numberOfCode(name, value) : value < 0 ? undefined : value;
  const valueAt = writeVarint(into, at, tag + (integer === undefined ? wireTypes.text : wireTypes.integer));
  if (integer !== undefined) return writeVarint(into, valueAt, integer);
  const text = String(value);
  if (text.length < SHORT_LENGTH) return writeShortText(text, into, valueAt);
  const textAt = writeVarint(into, valueAt, Buffer.byteLength(text));
  return textAt + into.write(text, textAt);
}

// Shorter texts have a length of one byte, whatever their characters.
const SHORT_LENGTH = 0x80 / 3;

/** Writes a text without a native call if it is ASCII, as nearly all are. */
function writeShortText(text: string, into: Buffer, at: number): number {
  const { length } = text;
  let bytes = length;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    into[at + 1 + index] = unit;
    if (unit < 0x80) continue;
    bytes = into.write(text, at + 1);
    break;
  }
  into[at] = bytes;
  return at + 1 + bytes;
}

function numberOfCode(name: FieldName, value: string): number | undefined {
  return name === 'code' && isKnownErrorCode(value) ? errorTable[value].number : undefined;
}

const fieldsByNumber: (Field | undefined)[] = [];
for (const field of allFields) fieldsByNumber[field.number] = field;
const codesByNumber = new Map<number, string>();
for (const [code, { number }] of Object.entries(errorTable)) codesByNumber.set(number, code);

function readField(ofFrame: readonly FieldName[], cursor: ByteCursor, builder: RecordBuilder): void {
  const tag = cursor.varint();
  const number = Math.floor(tag / 4);
  const value = readValue(cursor, tag % 4);
  if (number === 0 || number === fieldTable.id.number || number === fieldTable.length.number) {
    throw protocolError(`Field number ${number} is not allowed among the fields of a header.`);
  }
  const field = fieldsByNumber[number];
  if (field === undefined) builder.addUnknown(number, value);
  // The value of a field that the frame does not have is ignored, so that it may have any type.
  else builder.addField(field, ofFrame.includes(field.name) ? valueOf(field, value) : value);
}

/** The value of a field as it stands in a frame. */
function valueOf({ name, type }: Field, value: FieldValue): FieldValue {
  if (name === 'code' && typeof value === 'number') return codesByNumber.get(value) ?? 'EIO';
  return type === 'signed' && typeof value === 'string' ? negativeOf(value) : value;
}

function negativeOf(text: string): number {
  const value = parseSigned(text);
  // The text of another integer would be a second spelling of it.
  if (value === undefined || value >= 0) throw protocolError('A signed integer is not in its shortest form.');
  return value;
}

function readValue(cursor: ByteCursor, wireType: number): FieldValue {
  if (wireType === wireTypes.integer) return cursor.varint();
  if (wireType !== wireTypes.text) return wireType === wireTypes.true;
  return cursor.text(cursor.varint());
}
