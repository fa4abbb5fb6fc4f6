/**
 * The frames: their fields and their sender, in one table for all codecs. The types of the frames are derived from the
 * table, so that only frames of the table compile.
 */
import type { FieldName, FieldValue } from './fields.js';

/** The sender of a frame; `'body'` for a frame that is part of the payload of a listing. */
export type Sender = 'client' | 'server' | 'both' | 'body';

/** A row of the table. */
export interface FrameRow {
  readonly number: number;
  readonly from: Sender;
  readonly required: readonly FieldName[];
  readonly optional: readonly FieldName[];
}

/**
 * Every frame: its number in the binary codec (1 to 127; 240 to 255 are for private use), its sender, and its fields in the
 * order of writing.
 */
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
      'method',
      'value',
      'mode',
      'follow',
      'cipher',
      'receiveBuffer',
      'maxDatagram',
      'maxRate',
      'check',
    ],
  },
  accept: {
    number: 4,
    from: 'server',
    required: ['id'],
    optional: [
      'path',
      'kind',
      'offset',
      'size',
      'mtime',
      'etag',
      'checksum',
      'window',
      'mode',
      'cipher',
      'port',
      'connection',
      'secret',
      'receiveBuffer',
      'maxRate',
      'check',
    ],
  },
  data: { number: 5, from: 'both', required: ['id', 'length'], optional: ['offset', 'checksum', 'check'] },
  ack: { number: 6, from: 'both', required: ['id', 'offset', 'window'], optional: ['check'] },
  end: { number: 7, from: 'both', required: ['id', 'size'], optional: ['checksum', 'check'] },
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
      'value',
      'mode',
      'count',
      'check',
    ],
  },
  error: {
    number: 9,
    from: 'both',
    required: ['code'],
    optional: ['id', 'message', 'path', 'retryable', 'retryAfter', 'value', 'check'],
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
  entry: {
    number: 14,
    from: 'body',
    required: ['path', 'kind'],
    optional: ['size', 'mtime', 'etag', 'mode'],
  },
  change: {
    number: 15,
    from: 'body',
    required: ['event'],
    optional: ['path', 'kind', 'size', 'mtime', 'etag', 'mode', 'from'],
  },
  confirm: { number: 16, from: 'client', required: ['id', 'token', 'size'], optional: ['check'] },
  'receiver-report': {
    number: 17,
    from: 'both',
    required: ['id', 'resolvedTo', 'bytes', 'lastArrival', 'lastSendTime', 'hold'],
    optional: ['minDelay', 'gaps', 'check'],
  },
  'sender-report': { number: 18, from: 'both', required: ['id', 'sentTo'], optional: ['check'] },
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

export function isFrameType(name: string): name is FrameType {
  return Object.hasOwn(frameTable, name);
}

/** The place of each field in the order of the table, by type of frame. */
const places: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(
  Object.entries(fieldNames).map(([type, names]) => [
    type,
    new Map(names.map((name, place) => [name, place])),
  ]),
);

/**
 * Joins what `notate` makes of the fields that have a value, in the order of the table. Nearly all frames are made in that order,
 * so that only their own fields are looked at: a frame has a few of up to 28.
 */
export function joinFields(frame: Frame, notate: (name: FieldName, value: FieldValue) => string): string {
  const placeOf = places.get(frame.type);
  let joined = '';
  let last = -1;
  for (const name in frame) {
    const place = placeOf?.get(name);
    const value = (frame as Partial<Record<string, FieldValue>>)[name];
    if (place === undefined || value === undefined) continue;
    if (place < last) return joinInTableOrder(frame, notate);
    last = place;
    joined += notate(name as FieldName, value);
  }
  return joined;
}

function joinInTableOrder(frame: Frame, notate: (name: FieldName, value: FieldValue) => string): string {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  let joined = '';
  for (const name of fieldNames[frame.type]) {
    const value = values[name];
    if (value !== undefined) joined += notate(name, value);
  }
  return joined;
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
