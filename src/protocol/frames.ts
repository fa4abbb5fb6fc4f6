/**
 * The frames: their fields and their sender, in one table for all codecs. The types of the frames are derived from the
 * table, so that only frames of the table compile.
 */
import { protocolError } from '../errors.js';
import {
  fieldTable,
  isFieldText,
  parseInteger,
  parseSigned,
  type FieldName,
  type FieldType,
  type FieldValue,
} from './fields.js';
import { MAX_ID } from './limits.js';

/** The sender of a frame; `'body'` for a frame that is part of the payload of a listing. */
export type Sender = 'client' | 'server' | 'both' | 'body';

interface FrameRow {
  readonly number: number;
  readonly from: Sender;
  readonly required: readonly FieldName[];
  readonly optional: readonly FieldName[];
}

/** Every frame: its number in the binary codec, its sender, and its fields in the order of writing. */
export const frameTable = {
  hello: {
    number: 1,
    from: 'client',
    required: ['version'],
    optional: [
      'agent',
      'maxFrame',
      'keepAliveTimeout',
      'user',
      'password',
      'bearer',
      'features',
      'session',
      'check',
    ],
  },
  welcome: {
    number: 2,
    from: 'server',
    required: ['version', 'maxFrame', 'maxChannels'],
    optional: ['agent', 'keepAliveTimeout', 'features', 'session', 'check'],
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
      'requestId',
      'settledBelow',
      'check',
    ],
  },
  accept: {
    number: 4,
    from: 'server',
    required: ['id'],
    optional: ['path', 'kind', 'offset', 'size', 'mtime', 'etag', 'checksum', 'window', 'check'],
  },
  data: { number: 5, from: 'both', required: ['id', 'length'], optional: ['checksum', 'check'] },
  ack: { number: 6, from: 'both', required: ['id', 'offset', 'window'], optional: ['check'] },
  end: { number: 7, from: 'client', required: ['id', 'size'], optional: ['checksum', 'check'] },
  result: {
    number: 8,
    from: 'server',
    required: ['id'],
    optional: [
      'path',
      'kind',
      'offset',
      'size',
      'mtime',
      'etag',
      'bytes',
      'checksum',
      'omitted',
      'expiresIn',
      'usedBytes',
      'usedFiles',
      'quotaBytes',
      'quotaFiles',
      'quotaFileBytes',
      'check',
    ],
  },
  error: {
    number: 9,
    from: 'both',
    required: ['code'],
    optional: ['id', 'message', 'path', 'retryable', 'retryAfter', 'check'],
  },
  cancel: { number: 10, from: 'client', required: ['id'], optional: ['check'] },
  ping: { number: 11, from: 'both', required: ['token'], optional: ['check'] },
  pong: { number: 12, from: 'both', required: ['token'], optional: ['check'] },
  goaway: {
    number: 13,
    from: 'server',
    required: ['lastId'],
    optional: ['code', 'message', 'retryAfter', 'check'],
  },
  entry: { number: 14, from: 'body', required: ['path', 'kind'], optional: ['size', 'mtime', 'etag'] },
} as const satisfies Record<string, FrameRow>;

/** The type of a frame: a key of {@link frameTable}. */
export type FrameType = keyof typeof frameTable;

/** The required and optional fields of a type of frame. */
export type FieldsOf<Type extends FrameType> = {
  [Name in (typeof frameTable)[Type]['required'][number]]: FieldValue<Name>;
} & {
  [Name in (typeof frameTable)[Type]['optional'][number]]?: FieldValue<Name> | undefined;
};

/** A frame of one type, e.g. `FrameOf<'open'>`. */
export type FrameOf<Type extends FrameType> = Type extends FrameType
  ? { type: Type } & FieldsOf<Type>
  : never;

/** The names of the fields of each type of frame, in the order of the table. */
export const fieldNames = Object.fromEntries(
  Object.entries<FrameRow>(frameTable).map(([type, { required, optional }]) => [
    type,
    [...required, ...optional],
  ]),
) as Record<string, readonly FieldName[]> as Readonly<Record<FrameType, readonly FieldName[]>>;

/** Any known frame. */
export type Frame = FrameOf<FrameType>;

/** A frame of a type of a later version. The answer is ENOTSUP if it has an id; otherwise it is ignored. */
export interface UnknownFrame {
  type: 'unknown';
  id?: number | undefined;
  length?: number | undefined;
  /** Frames of later versions do not have it: the type of a frame of this version was damaged. */
  check?: number | undefined;
}

/**
 * The record of a header: `type` and the fields by name, such as a `Map`. A notation without types may return every
 * value as a string.
 */
export interface WireRecord {
  /** Number of names with a value, including `type`. If it is too low, fields are ignored. */
  readonly size: number;
  /** The value of a name; undefined if there is none. */
  get(name: string): string | number | boolean | undefined;
}

export function isFrameType(name: string): name is FrameType {
  return Object.hasOwn(frameTable, name);
}

/**
 * Converts a record to a frame. Fields that are not in the table are dropped. Throws EPROTO if a required field is
 * missing or a value has the wrong type.
 */
export function frameFromRecord(record: WireRecord): Frame | UnknownFrame {
  const type = record.get('type');
  if (typeof type !== 'string') throw protocolError('A frame must have a type.');
  if (!isFrameType(type)) return unknownFrame(record);
  const row: FrameRow = frameTable[type];
  const frame: Record<string, string | number | boolean> = { type };
  for (const name of row.required) {
    const value = record.get(name);
    if (value === undefined) throw protocolError(`A frame of type ${type} must have the field ${name}.`);
    frame[name] = fieldValue(name, value);
  }
  // Most frames have few optional fields, so the loop ends with the last one.
  let left = record.size - 1 - row.required.length;
  for (const name of row.optional) {
    if (left === 0) break;
    const value = record.get(name);
    if (value === undefined) continue;
    frame[name] = fieldValue(name, value);
    left -= 1;
  }
  if (type !== 'data' && record.get('length') !== undefined) {
    throw protocolError(`A frame of type ${type} must not have a payload.`);
  }
  // The loops have set exactly the fields of the table, from which the type is derived.
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

/** Converts a value to the type of its field. Throws EPROTO if that is not possible. */
export function fieldValue(name: FieldName, value: string | number | boolean): FieldValue {
  const { type } = fieldTable[name];
  const parsed = valueParsers[type](value);
  if (parsed === undefined || (name === 'id' && !isId(parsed)))
    throw protocolError(`The field ${name} must be a valid ${name === 'id' ? 'id' : type}.`);
  return parsed;
}

function isId(value: FieldValue): boolean {
  return typeof value === 'number' && value >= 1 && value <= MAX_ID;
}

const valueParsers = { integer: integerOf, signed: signedOf, text: textOf, flag: flagOf } satisfies Record<
  FieldType,
  (value: string | number | boolean) => FieldValue | undefined
>;

function integerOf(value: string | number | boolean): number | undefined {
  if (typeof value === 'string') return parseInteger(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function signedOf(value: string | number | boolean): number | undefined {
  if (typeof value === 'string') return parseSigned(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)
    ? value
    : undefined;
}

function flagOf(value: string | number | boolean): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function textOf(value: string | number | boolean): string | undefined {
  return typeof value === 'string' && isFieldText(value) ? value : undefined;
}

/** The fields of a frame that have a value, in the order of the table. */
export function fieldsOf(frame: Frame): [name: FieldName, value: FieldValue][] {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  const fields: [FieldName, FieldValue][] = [];
  for (const name of fieldNames[frame.type]) {
    const value = values[name];
    if (value !== undefined) fields.push([name, value]);
  }
  return fields;
}
