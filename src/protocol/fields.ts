/**
 * The fields of frames, in one table for all codecs. The type of a field depends only on its name, not on the frame.
 */
import { MAX_INTEGER } from './limits.js';

/**
 * The types of fields: an integer from 0 to 2^53 - 1, a signed integer from -(2^53 - 1) to 2^53 - 1, a text without control
 * characters, or a boolean.
 */
export interface FieldTypes {
  integer: number;
  signed: number;
  text: string;
  flag: boolean;
}

/** The type of a field: `'integer'`, `'signed'`, `'text'` or `'flag'`. */
export type FieldType = keyof FieldTypes;

/** Every field: its type, and its number in the binary codec (never reused; up to 31 it takes one byte with its type; those from 4,096 on are for private use). */
export const fieldTable = {
  id: { type: 'integer', number: 1 },
  length: { type: 'integer', number: 2 },
  version: { type: 'integer', number: 3 },
  agent: { type: 'text', number: 4 },
  maxFrame: { type: 'integer', number: 5 },
  maxChannels: { type: 'integer', number: 6 },
  window: { type: 'integer', number: 7 },
  op: { type: 'text', number: 8 },
  path: { type: 'text', number: 9 },
  to: { type: 'text', number: 10 },
  offset: { type: 'integer', number: 11 },
  size: { type: 'integer', number: 12 },
  mtime: { type: 'signed', number: 13 },
  etag: { type: 'text', number: 14 },
  ifMatch: { type: 'text', number: 15 },
  overwrite: { type: 'flag', number: 16 },
  recursive: { type: 'flag', number: 17 },
  checksum: { type: 'text', number: 18 },
  kind: { type: 'text', number: 19 },
  code: { type: 'text', number: 20 },
  message: { type: 'text', number: 21 },
  retryable: { type: 'flag', number: 22 },
  token: { type: 'integer', number: 23 },
  lastId: { type: 'integer', number: 24 },
  maxBytes: { type: 'integer', number: 25 },
  bytes: { type: 'integer', number: 26 },
  upload: { type: 'text', number: 27 },
  since: { type: 'integer', number: 28 },
  prefix: { type: 'text', number: 29 },
  keepAliveTimeout: { type: 'integer', number: 30 },
  check: { type: 'integer', number: 31 },
  user: { type: 'text', number: 32 },
  password: { type: 'text', number: 33 },
  bearer: { type: 'text', number: 34 },
  append: { type: 'flag', number: 35 },
  flush: { type: 'flag', number: 36 },
  omitted: { type: 'integer', number: 37 },
  retryAfter: { type: 'integer', number: 38 },
  features: { type: 'text', number: 39 },
  session: { type: 'text', number: 40 },
  requestId: { type: 'integer', number: 41 },
  settledBelow: { type: 'integer', number: 42 },
  expiresIn: { type: 'integer', number: 43 },
  usedBytes: { type: 'integer', number: 44 },
  usedFiles: { type: 'integer', number: 45 },
  quotaBytes: { type: 'integer', number: 46 },
  quotaFiles: { type: 'integer', number: 47 },
  quotaFileBytes: { type: 'integer', number: 48 },
  method: { type: 'text', number: 49 },
  value: { type: 'text', number: 50 },
  mode: { type: 'integer', number: 51 },
  follow: { type: 'flag', number: 52 },
  event: { type: 'text', number: 53 },
  from: { type: 'text', number: 54 },
  count: { type: 'integer', number: 55 },
  cipher: { type: 'text', number: 56 },
  port: { type: 'integer', number: 57 },
  connection: { type: 'integer', number: 58 },
  secret: { type: 'text', number: 59 },
  receiveBuffer: { type: 'integer', number: 60 },
  maxDatagram: { type: 'integer', number: 61 },
  maxRate: { type: 'integer', number: 62 },
  resolvedTo: { type: 'integer', number: 63 },
  lastArrival: { type: 'integer', number: 64 },
  lastSendTime: { type: 'integer', number: 65 },
  minDelay: { type: 'signed', number: 66 },
  hold: { type: 'integer', number: 67 },
  gaps: { type: 'text', number: 68 },
  sentTo: { type: 'integer', number: 69 },
} as const satisfies Record<string, { type: FieldType; number: number }>;

/** The name of a field: a key of {@link fieldTable}. */
export type FieldName = keyof typeof fieldTable;

/** The value of a field, by its name. */
export type FieldValue<Name extends FieldName = FieldName> = FieldTypes[(typeof fieldTable)[Name]['type']];

export interface Field {
  readonly name: FieldName;
  readonly type: FieldType;
  readonly number: number;
}

// A map, because a property lookup would first have to intern a name that was sliced from a line.
const fieldsByName = new Map<string, Field>();
for (const [name, { type, number }] of Object.entries(fieldTable)) {
  fieldsByName.set(name, { name: name as FieldName, type, number });
}

/** The field of a name; undefined if it is unknown, then it is ignored. */
export function fieldByName(name: string): Field | undefined {
  return fieldsByName.get(name);
}

export const allFields: readonly Field[] = [...fieldsByName.values()];

export const MAX_FIELD_NUMBER = Math.max(...allFields.map(({ number }) => number));

const MAX_DIGITS = String(MAX_INTEGER).length;
const ZERO = 0x30;

/** Parses an integer in its shortest decimal form; undefined for any other text. */
export function parseInteger(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > MAX_DIGITS || (length > 1 && text.charCodeAt(0) === ZERO)) return undefined;
  let value = 0;
  for (let index = 0; index < length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    // The sum is inexact only above the maximum.
    value = value * 10 + digit;
  }
  return value <= MAX_INTEGER ? value : undefined;
}

/** Parses a signed integer in its shortest decimal form; undefined for any other text, such as `-0`. */
export function parseSigned(text: string): number | undefined {
  if (!text.startsWith('-')) return parseInteger(text);
  const value = parseInteger(text.slice(1));
  return value === undefined || value === 0 ? undefined : -value;
}

// Control characters (C0, DEL, C1), the two noncharacters that XML forbids, and lone surrogates.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

/** Whether a text is allowed in a field: no control characters or lone surrogates, and valid in XML 1.0. */
export function isFieldText(text: string): boolean {
  return !FORBIDDEN.test(text);
}

const HEX_ID = /^[0-9a-f]{32}$/;

/** Whether a text can be the id of an upload or of a session. */
export function isHexId(text: string): boolean {
  return HEX_ID.test(text);
}

/** Makes a text valid for a field: forbidden characters become U+FFFD, and `maxLength` code points are kept. */
export function toFieldText(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? text.slice(0, indexAfter(text, maxLength)) : text;
  return isFieldText(cut) ? cut : cut.toWellFormed().replace(new RegExp(FORBIDDEN, 'gu'), '\ufffd');
}

/** The index after the first `count` code points of a text, so that no character is cut in two. */
function indexAfter(text: string, count: number): number {
  let index = 0;
  for (let passed = 0; passed < count && index < text.length; passed++)
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  return index;
}
