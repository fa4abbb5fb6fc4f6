/** Valid initial frames: the samples, any that the tables allow, and changes that keep a frame well-formed. */
import fc from 'fast-check';
import { sampleFrames } from '../../../src/contracts/codec/sample-frames.js';
import { fieldTable, type FieldName, type FieldValue } from '../../../src/protocol/fields.js';
import { frameTable, type Frame } from '../../../src/protocol/frames.js';
import { MAX_ID, MAX_INTEGER } from '../../../src/protocol/limits.js';
import { anyFrame, type FrameWithPayload } from '../../codecs/frames.arbitrary.js';
import type { Random } from '../../faults/fixtures/random.js';

/** Number of frames generated once; every input combines and changes them. */
const DRAWN_FRAMES = 2_000;

/** The same frames in every run, whatever its seed. */
export const validFrames: readonly FrameWithPayload[] = [
  ...sampleFrames.map((frame) => ({ frame, payload: Buffer.alloc(0) })),
  ...fc.sample(anyFrame, { numRuns: DRAWN_FRAMES, seed: 1 }),
];

const TEXTS = [
  ...['', 'a.txt', 'dir/b.txt', 'new/c', '..', '/', 'a\\b', 'NUL', 'ü', '\u{1f4c4}', '__proto__', '%2e%2e'],
  ...['download', 'upload', 'list', 'stat', 'mkdir', 'remove', 'rename', 'copy', 'checksum', 'nothing'],
  ...['crc32', 'sha256', 'none', 'crc32:3610a686', 'crc32:00000000', 'file', 'directory', 'EIO', 'EMYOWN'],
  ...['00112233445566778899aabbccddeeff', '"1"', 'x'.repeat(300), 'y/'.repeat(2_100), '&'.repeat(40)],
];
const INTEGERS = [0, 1, 2, 3, 4, 5, 7, 9, 11, 127, 128, 65_535, 65_536, 1_048_577, 2 ** 32, MAX_INTEGER];
const SIGNED = [...INTEGERS, -1, -127, -128, -8.64e15, -8.64e15 - 1, -MAX_INTEGER];

/** The frame with one of the fields that it may have changed, put in or taken out. */
export function alteredFrame(frame: Frame, random: Random): Frame {
  const { required, optional }: { required: readonly FieldName[]; optional: readonly FieldName[] } =
    frameTable[frame.type];
  const name = random.pick([...required, ...optional]);
  // The length stays that of the payload.
  if (name === 'length') return frame;
  const value = optional.includes(name) && random.next() < 0.3 ? undefined : valueOf(name, random);
  return { ...frame, [name]: value };
}

function valueOf(name: FieldName, random: Random): FieldValue {
  if (name === 'id') return random.pick([...INTEGERS.slice(1, 9), MAX_ID]);
  const { type } = fieldTable[name];
  if (type === 'flag') return random.next() < 0.5;
  if (type === 'signed') return random.pick(SIGNED);
  return type === 'integer' ? random.pick(INTEGERS) : random.pick(TEXTS);
}

/** Frames in an order that is nearly theirs: some are gone, doubled, swapped or altered, and strange ones put in. */
export function shuffled(frames: readonly FrameWithPayload[], random: Random): FrameWithPayload[] {
  const result = [...frames];
  const changes = random.integer(1, 3);
  for (let change = 0; change < changes; change += 1) {
    const at = random.integer(0, result.length - 1);
    const here = result[at];
    if (!here) continue;
    const turn = random.integer(0, 5);
    if (turn === 0) result.splice(at, 1);
    else if (turn === 1) result.splice(random.integer(0, result.length), 0, here);
    else if (turn === 2) result.splice(at, 0, random.pick(validFrames));
    else if (turn === 3) result.splice(random.integer(0, result.length - 1), 0, ...result.splice(at, 1));
    else result[at] = { ...here, frame: alteredFrame(here.frame, random) };
  }
  return result;
}
