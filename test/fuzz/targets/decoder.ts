/** A decoder, fed with damaged transcripts: whole, in pieces and byte by byte. */
import assert from 'node:assert/strict';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Codec, DecoderLimits } from '../../../src/codecs/codec.js';
import type { CodecName } from '../../../src/index.js';
import { chanceOf, piecesOf } from '../inputs/pieces.js';
import { timed, type Outcome, type Target } from '../target.js';
import { anyTranscript } from '../inputs/transcripts.js';
import { Agreement } from './agreement.js';
import { DecoderLog } from './decoder-log.js';

/** The decoder of a codec; of one of the test's own in its place, that has a defect. */
export function decoderTarget(name: CodecName, codec: Codec = builtinCodecs[name]): Target {
  const agreement = new Agreement();
  return {
    name,
    inputs: 1_000_000,
    make: (random) => anyTranscript(name, random),
    run: (input) => feed(codec, input, agreement),
  };
}

const allLimits: readonly DecoderLimits[] = [
  { maxHeaderBytes: 65_536, maxFrameBytes: 1_048_576 },
  { maxHeaderBytes: 16_384, maxFrameBytes: 65_536 },
  { maxHeaderBytes: 120, maxFrameBytes: 30 },
];

/** Byte by byte costs more than all else, so only short inputs are fed so, and one of four. */
const MAX_SINGLY_BYTES = 2_048;
const SINGLY_SHARE = 0.25;

function feed(codec: Codec, input: Buffer, agreement: Agreement): Outcome {
  const random = chanceOf(input);
  const limits = random.pick(allLimits);
  const whole = new DecoderLog(codec, limits);
  const { ms } = timed(() => whole.write(input));
  // Bytes after an error are ignored.
  if (whole.failure) whole.write(input);

  const cut = new DecoderLog(codec, limits);
  for (const piece of piecesOf(input, random, random.pick([2, 16, 80, 1_024]))) cut.write(piece);
  assert.equal(cut.text, whole.text, 'pieces tell something else than the whole');

  if (input.length <= MAX_SINGLY_BYTES && random.next() < SINGLY_SHARE) {
    const single = new DecoderLog(codec, limits);
    single.writeSingly(input);
    assert.equal(single.text, whole.text, 'single bytes tell something else than the whole');
  }
  for (const frame of whole.frames) agreement.check(frame);
  return { verdict: whole.failure?.code ?? 'accepted', ms };
}
