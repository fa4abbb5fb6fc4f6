/** The recognition of a codec by the first bytes. */
import assert from 'node:assert/strict';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { detectCodec, DETECTION_BYTES } from '../../../src/codecs/detect.js';
import type { CodecName } from '../../../src/index.js';
import type { Random } from '../../faults/fixtures/random.js';
import { dictionaries } from '../inputs/dictionaries.js';
import { mutated } from '../inputs/mutation.js';
import { timed, type Outcome, type Target } from '../target.js';
import { DecoderLog } from './decoder-log.js';

export const detectionTarget: Target = { name: 'detection', inputs: 1_000_000, make, run };

const codecs = Object.values(builtinCodecs);
const names = Object.keys(builtinCodecs) as CodecName[];
const STRANGERS = [
  'GET / HTTP/1.1\r\n',
  'SSH-2.0-x\r\n',
  '\u0016\u0003\u0001',
  'helo a\r\n',
  'hello\n',
  'hello ',
];
const MOST_BYTES = 200;

function make(random: Random): Buffer {
  const codec = random.pick(names);
  const hello = { type: 'hello', version: 1, agent: 'a' } as const;
  const bytes =
    random.next() < 0.3
      ? Buffer.from(random.pick(STRANGERS))
      : Buffer.from(builtinCodecs[codec].encode(hello));
  return mutated(bytes, random, dictionaries[codec]).subarray(0, MOST_BYTES);
}

function run(input: Buffer): Outcome {
  const { value: detected, ms } = timed(() => detectCodec(codecs, input));
  assertSteady(input, detected);
  for (const codec of codecs) {
    const log = new DecoderLog(codec, { maxHeaderBytes: 4_096, maxFrameBytes: 65_536 });
    log.write(input);
    // A peer that sends a valid hello is recognised.
    if (log.frames[0]?.type === 'hello') assert.equal(detected, codec);
  }
  return { verdict: detected ? 'accepted' : detected === null ? 'none' : 'open', ms };
}

/** More bytes never change a verdict, and sixteen are enough for one. */
function assertSteady(input: Buffer, detected: unknown): void {
  let verdict: unknown;
  for (let length = 0; length <= Math.min(input.length, DETECTION_BYTES); length += 1) {
    const next = detectCodec(codecs, input.subarray(0, length));
    if (verdict !== undefined) assert.equal(next, verdict, 'a verdict changes with more bytes');
    verdict = next;
  }
  assert.equal(detected, verdict);
  if (input.length >= DETECTION_BYTES) assert.notEqual(detected, undefined);
}
