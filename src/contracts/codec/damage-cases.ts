/** The part of the codec contract that says how damage to a header shows: to the codec itself, or by the check in it. */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import { frameCheck, isChecked, withCheck } from '../../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';
import type { ContractCase } from '../contract-case.js';
import { Recording } from './recording.js';
import { sampleFrames } from './sample-frames.js';

/** The cases about a header of which one bit is flipped. */
export function damageCases(codec: Codec): ContractCase[] {
  if (codec.hasHeaderChecksum) {
    return [
      {
        name: 'it takes no header of which a bit was flipped',
        run: () => flipEveryBit(codec, sampleFrames, () => assert.fail('a damaged header is read')),
      },
    ];
  }
  return [
    {
      name: 'it reads no other frame with a right check where a bit was flipped',
      run: () => flipEveryBit(codec, sampleFrames.filter(isChecked).map(withCheck), assertFound),
    },
  ];
}

function flipEveryBit(
  codec: Codec,
  frames: readonly Frame[],
  read: (read: Frame | UnknownFrame, frame: Frame) => void,
): void {
  for (const frame of frames) {
    const bytes = Buffer.from(codec.encode(frame));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      for (const told of new Recording(codec).write(damaged).frames) read(told.frame, frame);
    }
  }
}

/** What was read is unknown, shows that it was damaged, lacks the check that is demanded, or is the frame all the same. */
function assertFound(read: Frame | UnknownFrame, frame: Frame): void {
  if (read.type === 'unknown') return;
  assert.ok(isChecked(read), 'damage makes a frame one that has no check');
  if (read.check === undefined || read.check !== frameCheck(read)) return;
  assert.deepEqual(read, frame);
}
