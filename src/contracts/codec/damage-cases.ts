/** The cases of the codec contract about damaged headers, which the codec or the field `check` detects. */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import { frameCheck, isChecked, withCheck } from '../../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';
import type { ContractCase } from '../contract-case.js';
import { Recording } from './recording.js';
import { sampleFrames } from './sample-frames.js';

/** The cases about headers with one flipped bit. */
export function damageCases(codec: Codec): ContractCase[] {
  if (codec.hasHeaderChecksum) {
    return [
      {
        name: 'it accepts no header with a flipped bit',
        run: () => flipEveryBit(codec, sampleFrames, () => assert.fail('a damaged header is accepted')),
      },
    ];
  }
  return [
    {
      name: 'it decodes no other frame with a correct check from a header with a flipped bit',
      run: () => flipEveryBit(codec, sampleFrames.filter(isChecked).map(withCheck), assertDetected),
    },
  ];
}

function flipEveryBit(
  codec: Codec,
  frames: readonly Frame[],
  check: (decoded: Frame | UnknownFrame, frame: Frame) => void,
): void {
  for (const frame of frames) {
    const bytes = Buffer.from(codec.encode(frame));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      for (const decoded of new Recording(codec).write(damaged).frames) check(decoded.frame, frame);
    }
  }
}

/** The decoded frame is of an unknown type, has a wrong or missing check, or equals the original. */
function assertDetected(decoded: Frame | UnknownFrame, frame: Frame): void {
  if (decoded.type === 'unknown') return;
  assert.ok(isChecked(decoded), 'damage changed the frame to a type without check');
  if (decoded.check === undefined || decoded.check !== frameCheck(decoded)) return;
  assert.deepEqual(decoded, frame);
}
