/**
 * The frames: which fields each carries and who may send it. Every codec notates exactly these records; the types
 * of the frames are derived from the table, so that a frame which the table does not know does not compile.
 */
import { protocolError } from '../errors.js';
import { fieldTable, isFieldText, parseInteger, type FieldName, type FieldValue } from './fields.js';
import { MAX_ID } from './limits.js';

/** Who may send a frame; `'body'` marks the one that stands inside the payload of a listing's data frames. */
export type Sender = 'client' | 'server' | 'both' | 'body';

interface FrameRow {
  readonly number: number;
  readonly from: Sender;
  readonly required: readonly FieldName[];
  readonly optional: readonly FieldName[];
}

/** Every frame: its number in the binary codec, its sender, and its fields in the order in which they are written. */
export const frameTable = {
  hello: {
    number: 1,
    from: 'client',
    required: ['version'],
    optional: ['agent', 'maxFrame', 'keepAliveTimeout', 'user', 'password', 'bearer', 'check'],
  },
  welcome: {
    number: 2,
    from: 'server',
    required: ['version', 'maxFrame', 'maxChannels'],
    optional: ['agent', 'keepAliveTimeout', 'check'],
  },
  open: {
    number: 3,
    from: 'client',
    required: ['id', 'op'],
    optional: [
      'path',
      'to',
      'offset',
      'maxBytes',
      'size',
      'mtime',
      'ifMatch',
      'overwrite',
      'recursive',
      'checksum',
      'window',
      'upload',
      'since',
      'prefix',
      'append',
      'flush',
      'check',
    ],
  },
  accept: {
    number: 4,
    from: 'server',
    required: ['id'],
    optional: ['path', 'kind', 'offset', 'size', 'mtime', 'etag', 'checksum', 'window', 'check'],
  },
  data: { number: 5, from: 'both', required: ['id', 'length'], optional: [] },
  ack: { number: 6, from: 'both', required: ['id', 'offset', 'window'], optional: [] },
  end: { number: 7, from: 'client', required: ['id', 'size'], optional: ['checksum', 'check'] },
  result: {
    number: 8,
    from: 'server',
    required: ['id'],
    optional: ['path', 'kind', 'size', 'mtime', 'etag', 'bytes', 'checksum', 'check'],
  },
  error: {
    number: 9,
    from: 'both',
    required: ['code'],
    optional: ['id', 'message', 'path', 'retryable', 'check'],
  },
  cancel: { number: 10, from: 'client', required: ['id'], optional: ['check'] },
  ping: { number: 11, from: 'both', required: ['token'], optional: [] },
  pong: { number: 12, from: 'both', required: ['token'], optional: [] },
  goaway: { number: 13, from: 'server', required: ['lastId'], optional: ['code', 'message', 'check'] },
  entry: { number: 14, from: 'body', required: ['path', 'kind'], optional: ['size', 'mtime', 'etag'] },
} as const satisfies Record<string, FrameRow>;

/** The type of a frame. */
export type FrameType = keyof typeof frameTable;

/** The fields of a frame of one type, those that it must have and those that it may have. */
export type FieldsOf<Type extends FrameType> = {
  [Name in (typeof frameTable)[Type]['required'][number]]: FieldValue<Name>;
} & {
  [Name in (typeof frameTable)[Type]['optional'][number]]?: FieldValue<Name> | undefined;
};

/** A frame of one type, e.g. `FrameOf<'open'>`. */
export type FrameOf<Type extends FrameType> = Type extends FrameType
  ? { type: Type } & FieldsOf<Type>
  : never;

/** The names of the fields that a frame of a type may have, in the table's order. */
export const fieldNames = Object.fromEntries(
  Object.entries<FrameRow>(frameTable).map(([type, { required, optional }]) => [
    type,
    [...required, ...optional],
  ]),
) as Record<string, readonly FieldName[]> as Readonly<Record<FrameType, readonly FieldName[]>>;

/** Any frame that the protocol knows. */
export type Frame = FrameOf<FrameType>;

/** A frame of a type that a newer peer knows. It is answered with ENOTSUP if it has an id, else skipped. */
export interface UnknownFrame {
  type: 'unknown';
  id?: number | undefined;
  length?: number | undefined;
  /** No frame of a later version has one: it is one of this version, whose type was damaged. */
  check?: number | undefined;
}

/**
 * A record as a codec reads it: `type` and the fields by name, as a `Map` has them. A value is a number for an integer
 * field, a string or a boolean; notations without types may give every value as text.
 */
export interface WireRecord {
  /** How many names have a value, `type` among them: with fewer said than there are, fields would be passed over. */
  readonly size: number;
  /** The value of a name. */
  get(name: string): string | number | boolean | undefined;
}

/** Whether a name is that of a known frame type. */
export function isFrameType(name: string): name is FrameType {
  return Object.hasOwn(frameTable, name);
}

/**
 * The frame that a record says, checked against the table: fields that the frame does not have are dropped.
 * Throws EPROTO where a required field is missing or a value is not of its field's type.
 */
export function frameFromRecord(record: WireRecord): Frame | UnknownFrame {
  const type = record.get('type');
  if (typeof type !== 'string') throw protocolError('A frame has no type.');
  if (!isFrameType(type)) return unknownFrame(record);
  const row: FrameRow = frameTable[type];
  const frame: Record<string, string | number | boolean> = { type };
  for (const name of row.required) {
    const value = record.get(name);
    if (value === undefined) throw protocolError(`A frame of type ${type} has no field ${name}.`);
    frame[name] = fieldValue(name, value);
  }
  // Most frames have few of the fields that they may have.
  let left = record.size - 1 - row.required.length;
  for (const name of row.optional) {
    if (left === 0) break;
    const value = record.get(name);
    if (value === undefined) continue;
    frame[name] = fieldValue(name, value);
    left -= 1;
  }
  if (type !== 'data' && record.get('length') !== undefined) {
    throw protocolError(`A frame of type ${type} has no payload.`);
  }
  // The loops above have put in exactly what the table, from which the type is derived, asks for.
  return frame as Frame;
}

function unknownFrame(record: WireRecord): UnknownFrame {
  const frame: UnknownFrame = { type: 'unknown' };
  for (const name of ['id', 'length', 'check'] as const) {
    const value = record.get(name);
    if (value !== undefined) frame[name] = fieldValue(name, value) as number;
  }
  return frame;
}

/** The value of a field, from text where the notation has no types. Throws EPROTO unless it is of the field's type. */
export function fieldValue(name: FieldName, value: string | number | boolean): FieldValue {
  const { type } = fieldTable[name];
  const parsed = type === 'integer' ? integerOf(value) : type === 'flag' ? flagOf(value) : textOf(value);
  if (parsed === undefined || (name === 'id' && !isId(parsed)))
    throw protocolError(`The field ${name} does not hold what it must.`);
  return parsed;
}

function isId(value: FieldValue): boolean {
  return typeof value === 'number' && value >= 1 && value <= MAX_ID;
}

function integerOf(value: string | number | boolean): number | undefined {
  if (typeof value === 'string') return parseInteger(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function flagOf(value: string | number | boolean): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function textOf(value: string | number | boolean): string | undefined {
  return typeof value === 'string' && isFieldText(value) ? value : undefined;
}

/** The fields of a frame that have a value, in the table's order, as every codec writes them. */
export function fieldsOf(frame: Frame): [name: FieldName, value: FieldValue][] {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  const fields: [FieldName, FieldValue][] = [];
  for (const name of fieldNames[frame.type]) {
    const value = values[name];
    if (value !== undefined) fields.push([name, value]);
  }
  return fields;
}
