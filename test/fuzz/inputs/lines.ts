/** Lines that are nearly headers: valid ones changed, and the words of a notation put together. */
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { CodecName } from '../../../src/index.js';
import type { Random } from '../../faults/fixtures/random.js';
import { dictionaries } from './dictionaries.js';
import { alteredFrame, validFrames } from './frames.js';
import { mutated } from './mutation.js';

const MOST_WORDS = 12;

/** Makes such lines, without their end. */
export function lineOf(codec: Exclude<CodecName, 'binary'>): (random: Random) => Buffer {
  const words = dictionaries[codec];
  const [first, last] = edges[codec];
  return (random) => {
    if (random.next() < 0.1) {
      const inner = Array.from({ length: random.integer(0, MOST_WORDS) }, () => random.pick(words));
      return Buffer.concat([first, ...inner, last]);
    }
    const { frame } = random.pick(validFrames);
    const bytes = Buffer.from(builtinCodecs[codec].encode(alteredFrame(frame, random))).subarray(0, -1);
    return mutated(bytes, random, words);
  };
}

const edges: Record<Exclude<CodecName, 'binary'>, readonly [Buffer, Buffer]> = {
  text: [Buffer.from('cancel id=1 '), Buffer.alloc(0)],
  json: [Buffer.from('{"type":"cancel","id":1'), Buffer.from('}')],
  xml: [Buffer.from('<cancel id="1" '), Buffer.from('/>')],
};
