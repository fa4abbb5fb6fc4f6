/**
 * The check of a header, for notations without a checksum of their own: a flipped byte in `remove path=a` must not
 * remove `b`. It is the CRC-32 of a record that is the same in every notation:
 *
 *     open LF id=3 LF op=remove LF path=a LF
 */
import { crc32 } from 'node:zlib';
import { TransferError } from '../errors.js';
import type { FieldName, FieldValue } from './fields.js';
import { frameTable, joinFields, type Frame, type FrameType, type UnknownFrame } from './frames.js';

/** A frame that can have a check. */
export type CheckedFrame = Extract<Frame, { check?: number | undefined }>;

/** The fields that the check covers, in the order of the table, by frame type. */
const covered = new Map<string, readonly FieldName[]>();
for (const type of Object.keys(frameTable) as FrameType[]) {
  const { required, optional }: { required: readonly FieldName[]; optional: readonly FieldName[] } =
    frameTable[type];
  const at = optional.indexOf('check');
  // Fields after the check belong to later versions; a reader of this version could not compare them.
  if (at >= 0) covered.set(type, [...required, ...optional.slice(0, at)]);
}

/** Whether a frame can have a check. */
export function isChecked(frame: Frame | UnknownFrame): frame is CheckedFrame {
  return hasCheck(frame.type);
}

/** Whether frames of a type can have a check. */
export function hasCheck(type: string): boolean {
  return covered.has(type);
}

/** The check of a frame's other fields. */
export function frameCheck(frame: CheckedFrame): number {
  return crc32(`${frame.type}\n${joinFields(frame, line)}`);
}

function line(name: FieldName, value: FieldValue): string {
  // The check is the last field of every frame of this version.
  return name === 'check' ? '' : `${name}=${value}\n`;
}

/** The check of a record by its type and its values, which may break the rules of their fields. */
export function recordCheck(type: string, valueOf: (name: FieldName) => FieldValue | undefined): number {
  let record = `${type}\n`;
  for (const name of covered.get(type) ?? []) {
    const value = valueOf(name);
    if (value !== undefined) record += `${name}=${value}\n`;
  }
  return crc32(record);
}

/** The frame with its check. */
export function withCheck<Checked extends CheckedFrame>(frame: Checked): Checked {
  return { ...frame, check: frameCheck(frame) };
}

/** Throws EBADMSG if the check is wrong, or if it is missing and required. */
export function compareCheck(frame: Frame | UnknownFrame, required: boolean): void {
  if (isDamaged(frame, required)) throw damagedHeader();
}

/** EBADMSG for a header that does not match its check. */
export function damagedHeader(): TransferError {
  return new TransferError('EBADMSG', 'A header was damaged on its way: its check does not match.');
}

function isDamaged(frame: Frame | UnknownFrame, required: boolean): boolean {
  // Types of later versions have no check, so an unknown type with one is a known type whose name was damaged.
  if (!isChecked(frame)) return frame.type === 'unknown' && frame.check !== undefined;
  return frame.check === undefined ? required : frame.check !== frameCheck(frame);
}
