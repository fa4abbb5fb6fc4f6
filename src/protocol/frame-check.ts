/**
 * The check of a header, for notations that have none of their own: a flipped byte in `remove path=a` must not remove
 * `b`. It is the CRC-32 of a record that does not depend on the notation:
 *
 *     open LF id=3 LF op=remove LF path=a LF
 */
import { TransferError } from '../errors.js';
import type { FieldName, FieldValue } from './fields.js';
import { frameTable, type Frame, type FrameType, type UnknownFrame } from './frames.js';
import { addText, crcOf, EMPTY_CRC } from './running-crc.js';

/** A frame that may carry a check. */
export type CheckedFrame = Extract<Frame, { check?: number | undefined }>;

/** The fields that the check of a frame is of, in the order of the table. */
const coveredFields = new Map<FrameType, readonly FieldName[]>();
for (const type of Object.keys(frameTable) as FrameType[]) {
  const { required, optional }: { required: readonly FieldName[]; optional: readonly FieldName[] } =
    frameTable[type];
  const at = optional.indexOf('check');
  // What stands after it is of a later version, and a reader of this one could not compare it.
  if (at >= 0) coveredFields.set(type, [...required, ...optional.slice(0, at)]);
}

/** Whether a frame may carry a check. */
export function isChecked(frame: Frame | UnknownFrame): frame is CheckedFrame {
  return coveredFields.has(frame.type as FrameType);
}

/** The check of a frame's other fields. */
export function frameCheck(frame: CheckedFrame): number {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  let state = addText(addText(EMPTY_CRC, frame.type), '\n');
  // Piece by piece: the record itself is never needed, and to join it costs more than to sum it up.
  for (const name of coveredFields.get(frame.type) ?? []) {
    const value = values[name];
    if (value === undefined) continue;
    state = addText(addText(addText(addText(state, name), '='), String(value)), '\n');
  }
  return crcOf(state);
}

/** The frame with its check. */
export function withCheck<Checked extends CheckedFrame>(frame: Checked): Checked {
  return { ...frame, check: frameCheck(frame) };
}

/** Throws EBADMSG where a frame's check is wrong, or missing though it is demanded. */
export function compareCheck(frame: Frame | UnknownFrame, demanded: boolean): void {
  if (isChecked(frame)) {
    const { check } = frame;
    if (check === undefined ? demanded : check !== frameCheck(frame)) throw damaged();
    return;
  }
  // Types of later versions have no such field: this is a known one whose name is damaged.
  if (frame.type === 'unknown' && frame.check !== undefined) throw damaged();
}

function damaged(): TransferError {
  return new TransferError('EBADMSG', 'A header was damaged on its way.');
}
