/** Bytes of several frames in a codec, damaged more or less. */
import { crc32 } from 'node:zlib';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { bytesOf } from '../../../src/contracts/codec/recording.js';
import type { CodecName } from '../../../src/index.js';
import type { FrameWithPayload } from '../../codecs/frames.arbitrary.js';
import type { Random } from '../../faults/fixtures/random.js';
import { dictionaries } from './dictionaries.js';
import { alteredFrame, validFrames } from './frames.js';
import { mutated } from './mutation.js';

/** Frames of which one is nothing at all to the next. */
export function anyTranscript(codec: CodecName, random: Random): Buffer {
  if (random.next() < LARGE_SHARE) return largeTranscript(codec, random);
  const frames = Array.from({ length: random.integer(1, 5) }, () => random.pick(validFrames));
  return damaged(codec, { frames, share: 0.25 }, random);
}

/**
 * The bytes of frames. A share of them is altered, another one's bytes are changed and sealed again where they have a
 * checksum, and then perhaps the whole.
 */
export function damaged(
  codec: CodecName,
  { frames, share }: { frames: readonly FrameWithPayload[]; share: number },
  random: Random,
): Buffer {
  const words = dictionaries[codec];
  const parts = frames.map(({ frame, payload }) => {
    const altered = random.next() < share ? alteredFrame(frame, random) : frame;
    const bytes = bytesOf(builtinCodecs[codec], altered, payload);
    if (random.next() >= share) return bytes;
    const changed = mutated(bytes, random, words);
    return codec === 'binary' && random.next() < 0.8 ? resealed(changed, random) : changed;
  });
  const bytes = Buffer.concat(parts);
  return random.next() < share ? mutated(bytes, random, words) : bytes;
}

const LARGE_SHARE = 0.001;
const LARGE_BYTES = 128 * 1024;

/** A word again and again: within a header, as headers, or as one payload. */
function largeTranscript(codec: CodecName, random: Random): Buffer {
  const { frame, payload } = random.pick(validFrames);
  const bytes = bytesOf(builtinCodecs[codec], frame, payload);
  const word = random.next() < 0.3 ? bytes : random.pick(dictionaries[codec]);
  const filling = Buffer.alloc(random.integer(1, LARGE_BYTES), word);
  const cut = random.integer(0, bytes.length);
  const whole = Buffer.concat([bytes.subarray(0, cut), filling, bytes.subarray(cut)]);
  return codec === 'binary' && random.next() < 0.5 ? resealed(whole, random) : whole;
}

const FIXED_BYTES = 18;
const CRC_AT = 14;

/** A binary header with a matching length and CRC-32, so that its content is read. */
export function resealed(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < FIXED_BYTES) return bytes;
  const result = Buffer.from(bytes);
  const hasPayload = result.readUInt32BE(4) > 0 && result[1] === 5;
  const fieldsBytes = hasPayload ? 0 : Math.min(result.length - FIXED_BYTES, 0xffff);
  if (random.next() < 0.9) result[0] = 0xfe;
  if (random.next() < 0.9) result.writeUInt32BE(hasPayload ? result.length - FIXED_BYTES : 0, 4);
  result.writeUInt16BE(fieldsBytes, 2);
  const before = crc32(result.subarray(0, CRC_AT));
  result.writeUInt32BE(crc32(result.subarray(FIXED_BYTES, FIXED_BYTES + fieldsBytes), before), CRC_AT);
  return result;
}
