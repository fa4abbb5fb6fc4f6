/** The cases of the codec contract about damaged headers, which the codec or the field `check` detects. */
import assert from 'node:assert/strict';
import type { Codec } from '../../codecs/codec.js';
import { frameCheck, isChecked, withCheck } from '../../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';
import type { ContractCase } from '../contract-case.js';
import { isIntact } from '../../protocol/records/intact.js';
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
      {
        name: 'it reports a header with a flipped bit, after one that is right, as EBADMSG or EMSGSIZE',
        run: () => assertReported(codec),
      },
    ];
  }
  return [
    {
      name: 'it decodes no other frame with a correct check from a header with a flipped bit',
      run: () => flipEveryBit(codec, sampleFrames.filter(isChecked).map(withCheck), assertDetected),
    },
    {
      name: 'it takes no header with a flipped bit for one that was sent like this',
      run() {
        for (const damaged of everyFlippedBit(codec, sampleFrames.filter(isChecked).map(withCheck))) {
          const { error } = new Recording(codec).write(damaged.bytes);
          assert.ok(error === undefined || !isIntact(error), 'damage is reported as a broken rule');
        }
      },
    },
  ];
}

function flipEveryBit(
  codec: Codec,
  frames: readonly Frame[],
  check: (decoded: Frame | UnknownFrame, frame: Frame) => void,
): void {
  for (const { bytes, frame } of everyFlippedBit(codec, frames)) {
    for (const decoded of new Recording(codec).write(bytes).frames) check(decoded.frame, frame);
  }
}

/** The headers of frames, each with one flipped bit. */
function* everyFlippedBit(
  codec: Codec,
  frames: readonly Frame[],
): Generator<{ bytes: Buffer; frame: Frame }> {
  for (const frame of frames) {
    const right = Buffer.from(codec.encode(frame));
    for (let bit = 0; bit < right.length * 8; bit++) {
      const bytes = Buffer.from(right);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      yield { bytes, frame };
    }
  }
}

/** A client repeats its requests after EBADMSG on another connection, and not after EPROTO. */
function assertReported(codec: Codec): void {
  const right = codec.encode({ type: 'ping', token: 7 });
  for (const { bytes } of everyFlippedBit(codec, sampleFrames)) {
    const { frames, error } = new Recording(codec).write(right).write(bytes);
    assert.equal(frames.length, 1);
    if (error) assert.ok(error.code === 'EBADMSG' || error.code === 'EMSGSIZE', `it is ${error.code}`);
  }
}

/** The decoded frame is of an unknown type, has a wrong or missing check, or equals the original. */
function assertDetected(decoded: Frame | UnknownFrame, frame: Frame): void {
  if (decoded.type === 'unknown') return;
  assert.ok(isChecked(decoded), 'damage changed the frame to a type without check');
  if (decoded.check === undefined || decoded.check !== frameCheck(decoded)) return;
  assert.deepEqual(decoded, frame);
}
