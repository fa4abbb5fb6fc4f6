/**
 * Reads the fields of a usual header straight into its frame, several times as fast as by a record. A header is usual if the
 * frame has all its fields, each once and with a value of its type, and texts are printable ASCII. Any other header, valid or
 * not, is left to the reader of records, which alone knows the errors.
 */
import { fieldTable, type FieldName, type FieldType, type FieldValue } from '../../protocol/fields.js';
import { frameTable, type Frame, type FrameRow, type FrameType } from '../../protocol/frames.js';
import type { ByteCursor } from './byte-cursor.js';
import { wireTypes } from './wire-types.js';

interface UsualField {
  readonly name: FieldName;
  readonly type: FieldType;
  readonly isRequired: boolean;
}

/** The fields of a type of frame, by number, without those whose values have several forms. */
interface UsualFields {
  readonly byNumber: readonly (UsualField | undefined)[];
  readonly required: number;
}

const special: ReadonlySet<FieldName> = new Set<FieldName>(['id', 'length', 'code']);

const usualFields = new Map(
  (Object.entries(frameTable) as [FrameType, FrameRow][]).map(([type, row]) => [type, usualFieldsOf(row)]),
);

function usualFieldsOf({ required, optional }: FrameRow): UsualFields {
  const byNumber: (UsualField | undefined)[] = [];
  for (const name of [...required, ...optional]) {
    const { type, number } = fieldTable[name];
    if (!special.has(name)) byNumber[number] = { name, type, isRequired: required.includes(name) };
  }
  return { byNumber, required: required.filter((name) => name !== 'id').length };
}

/** The frame of a header without a payload; undefined if the header is not usual. @param id - 0 if there is none */
export function readUsualFrame(type: FrameType, id: number, cursor: ByteCursor): Frame | undefined {
  const fields = usualFields.get(type);
  const hasId = (frameTable[type] as FrameRow).required.includes('id');
  if (!fields || hasId !== id > 0) return undefined;
  const frame: Record<string, FieldValue> = hasId ? { type, id } : { type };
  let required = 0;
  while (!cursor.isAtEnd) {
    const tag = cursor.varint();
    const field = fields.byNumber[Math.floor(tag / 4)];
    if (!field || frame[field.name] !== undefined) return undefined;
    const value = usualValue(field.type, tag % 4, cursor);
    if (value === undefined) return undefined;
    frame[field.name] = value;
    if (field.isRequired) required += 1;
  }
  // The loop has set only fields of the table, from which the type is derived.
  return required === fields.required ? (frame as Frame) : undefined;
}

function usualValue(type: FieldType, wireType: number, cursor: ByteCursor): FieldValue | undefined {
  if (wireType === wireTypes.text) return type === 'text' ? cursor.printableText(cursor.varint()) : undefined;
  if (wireType === wireTypes.integer)
    return type === 'integer' || type === 'signed' ? cursor.varint() : undefined;
  return type === 'flag' ? wireType === wireTypes.true : undefined;
}
