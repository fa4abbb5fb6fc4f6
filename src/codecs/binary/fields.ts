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
import { fieldNames, type Frame, type FrameType } from '../../protocol/frames.js';
import type { RecordBuilder } from '../framing/record-builder.js';
import { MAX_VARINT_BYTES, writeVarint, type ByteCursor } from './byte-cursor.js';
import { wireTypes } from './wire-types.js';

/** Bytes of the longest decimal form of a signed integer. */
const MAX_DECIMAL_BYTES = 17;

const MAX_TAG_BYTES = 2;

/** An upper bound for the bytes of a frame's fields, without reading their texts. */
export function maxFieldsBytes(frame: Frame): number {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  let most = 0;
  for (const { name } of writtenFields[frame.type]) {
    const value = values[name];
    // A UTF-16 unit has at most three bytes in UTF-8. A number is a varint or a short text.
    if (value !== undefined)
      most +=
        MAX_TAG_BYTES + MAX_VARINT_BYTES + (typeof value === 'string' ? value.length * 3 : MAX_DECIMAL_BYTES);
  }
  return most;
}

/** Writes the fields of a frame, except `id` and `length`. Returns the index after them. */
export function writeFields(frame: Frame, into: Buffer, start: number): number {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  let at = start;
  for (const field of writtenFields[frame.type]) {
    const value = values[field.name];
    if (value !== undefined) at = writeField(field, value, { into, at });
  }
  return at;
}

interface WrittenField {
  readonly name: FieldName;
  /** Without the wire type. */
  readonly tag: number;
}

/** The fields that have a place in the fixed header. */
const fixed: ReadonlySet<FieldName> = new Set<FieldName>(['id', 'length']);

const writtenFields = Object.fromEntries(
  Object.entries(fieldNames).map(([type, names]) => [
    type,
    names.filter((name) => !fixed.has(name)).map((name) => ({ name, tag: fieldTable[name].number * 4 })),
  ]),
) as Record<string, readonly WrittenField[]> as Readonly<Record<FrameType, readonly WrittenField[]>>;

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

/** Writes a text with one native call instead of two. */
function writeShortText(text: string, into: Buffer, at: number): number {
  const bytes = into.write(text, at + 1);
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
