/**
 * The check of a header, for notations that have none of their own: a flipped byte in `remove path=a` must not remove
 * `b`. It is the CRC-32 of a record that does not depend on the notation:
 *
 *     open LF id=3 LF op=remove LF path=a LF
 */
import { TransferError } from '../errors.js';
import type { FieldName, FieldValue } from './fields.js';
import { frameTable, type Frame, type FrameType, type UnknownFrame } from './frames.js';
import { addByte, addInteger, addText, crcOf, EMPTY_CRC } from './crc.js';

/** A frame that may carry a check. */
export type CheckedFrame = Extract<Frame, { check?: number | undefined }>;

/** What the check of a frame is of. */
interface Covered {
  /** Of its type. */
  readonly state: number;
  /** In the order of the table. */
  readonly fields: readonly { readonly name: FieldName; readonly lead: string }[];
}

const covered = new Map<FrameType, Covered>();
for (const type of Object.keys(frameTable) as FrameType[]) {
  const { required, optional }: { required: readonly FieldName[]; optional: readonly FieldName[] } =
    frameTable[type];
  const at = optional.indexOf('check');
  if (at < 0) continue;
  // What stands after it is of a later version, and a reader of this one could not compare it.
  const fields = [...required, ...optional.slice(0, at)].map((name) => ({ name, lead: `${name}=` }));
  covered.set(type, { state: addText(EMPTY_CRC, `${type}\n`), fields });
}

/** Whether a frame may carry a check. */
export function isChecked(frame: Frame | UnknownFrame): frame is CheckedFrame {
  return covered.has(frame.type as FrameType);
}

/** The check of a frame's other fields. */
export function frameCheck(frame: CheckedFrame): number {
  const values = frame as Partial<Record<FieldName, FieldValue>>;
  const { state: ofType, fields } = covered.get(frame.type) ?? NOTHING;
  let state = ofType;
  // Piece by piece: the record itself is never needed, and to join it costs more than to sum it up.
  for (const { name, lead } of fields) {
    const value = values[name];
    if (value !== undefined) state = addByte(addValue(addText(state, lead), value), LF);
  }
  return crcOf(state);
}

const NOTHING: Covered = { state: EMPTY_CRC, fields: [] };
const LF = 0x0a;

function addValue(state: number, value: FieldValue): number {
  const isInteger = typeof value === 'number' && value >= 0 && Number.isSafeInteger(value);
  return isInteger ? addInteger(state, value) : addText(state, String(value));
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
