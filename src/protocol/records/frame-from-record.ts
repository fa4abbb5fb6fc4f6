/**
 * Reads the record of a header as a frame.
 *
 *     record -> frame of the table | unknown frame | EPROTO, or EBADMSG if the record has a wrong check
 *
 * The rules are the same for every notation: a field that the frame has must hold a value of its type, any other field a
 * value of any type.
 */
import { protocolError, TransferError } from '../../errors.js';
import { isFieldText } from '../fields.js';
import { damagedHeader, hasCheck, recordCheck } from '../frame-check.js';
import { frameTable, isFrameType, type Frame, type FrameRow, type UnknownFrame } from '../frames.js';
import { fieldValue, parseFieldValue } from './field-value.js';
import { isName } from './names.js';
import { markIntact } from './intact.js';

/**
 * The record of a header: `type` and the fields by name, such as a `Map`. A notation without types may return every
 * value as a string.
 */
export interface WireRecord {
  /** Number of names with a value, including `type`. If it is too low, fields are ignored. */
  readonly size: number;
  /** The value of a name; undefined if there is none. */
  get(name: string): string | number | boolean | undefined;
  /** All values, including that of `type`. Without this method, values of fields that the frame does not have are not checked. */
  values?(): Iterable<unknown>;
  /** Whether the notation has types: then a text is not converted to an integer or a flag. Default false. */
  readonly isTyped?: boolean;
}

/**
 * Converts a record to a frame. Fields that the frame does not have are dropped. Throws EPROTO if a required field is
 * missing or a value has the wrong type; EBADMSG if the record also has a wrong `check`.
 */
export function frameFromRecord(record: WireRecord): Frame | UnknownFrame {
  try {
    return readRecord(record);
  } catch (thrown) {
    throw thrown instanceof TransferError ? judge(record, thrown) : thrown;
  }
}

function readRecord(record: WireRecord): Frame | UnknownFrame {
  const type = record.get('type');
  if (typeof type !== 'string') throw protocolError('A frame must have a type.');
  if (!isFrameType(type)) return unknownFrame(type, record);
  const row: FrameRow = frameTable[type];
  const frame: Record<string, string | number | boolean> = { type };
  for (const name of row.required) {
    const value = record.get(name);
    if (value === undefined) throw protocolError(`A frame of type ${type} must have the field ${name}.`);
    frame[name] = fieldValue(name, value, record.isTyped);
  }
  // Most frames have few optional fields, so the loop ends with the last one.
  let left = record.size - 1 - row.required.length;
  for (const name of row.optional) {
    if (left === 0) break;
    const value = record.get(name);
    if (value === undefined) continue;
    frame[name] = fieldValue(name, value, record.isTyped);
    left -= 1;
  }
  if (left !== 0) checkOtherFields(type, record);
  // The loops have set exactly the fields of the table, from which the type is derived.
  return frame as Frame;
}

/** Throws EPROTO unless the fields that the frame does not have can be ignored. */
function checkOtherFields(type: string, record: WireRecord): void {
  if (type !== 'data' && record.get('length') !== undefined)
    throw protocolError(`A frame of type ${type} must not have a payload.`);
  checkValues(record);
}

function checkValues(record: WireRecord): void {
  for (const value of record.values?.() ?? []) {
    if (!isValue(value)) throw protocolError('A field of a header is not an integer, a text or a flag.');
  }
}

function isValue(value: unknown): boolean {
  if (typeof value === 'string') return isFieldText(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  return typeof value === 'boolean';
}

function unknownFrame(type: string, record: WireRecord): UnknownFrame {
  if (!isName(type)) throw protocolError('The type of a frame is not a valid name.');
  const frame: UnknownFrame = { type: 'unknown' };
  for (const name of ['id', 'length', 'check'] as const) {
    const value = record.get(name);
    if (value !== undefined) frame[name] = fieldValue(name, value, record.isTyped);
  }
  checkValues(record);
  return frame;
}

/** Whether a record that breaks a rule was damaged, or was sent like this. Without a check, it may be either. */
function judge(record: WireRecord, breach: TransferError): TransferError {
  const [type, value] = [record.get('type'), record.get('check')];
  const check = value === undefined ? undefined : parseFieldValue('check', value, record.isTyped);
  if (typeof type !== 'string' || check === undefined) return breach;
  if (!isFrameType(type)) return damagedHeader();
  if (!hasCheck(type)) return breach;
  const isRight = check === recordCheck(type, (name) => record.get(name));
  return isRight ? markIntact(breach) : damagedHeader();
}
