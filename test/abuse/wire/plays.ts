/** In which ways cases are played: all of them, or a sample. */
import type { CodecName } from '../../../src/index.js';
import { isSaidIn } from './abuse-case.js';
import type { Play } from './play-all.js';
import type { Way } from './play-step.js';
import { sized } from '../resources/size.js';
import { codecNames } from './frames/loose-frame.js';
import { cuts } from './pieces.js';

/** The ways of one codec: cut in every way, and left in every way. */
function waysOf(codec: CodecName): Way[] {
  const whole = { codec, cut: Infinity } as const;
  return [
    ...cuts.map((cut): Way => ({ codec, cut, leaves: 'late' })),
    { ...whole, leaves: 'half-closed' },
    { ...whole, leaves: 'reset' },
  ];
}

interface Case {
  readonly name: string;
  readonly codecs?: readonly CodecName[];
}

/** Every case of a codec: in a long run in every way, otherwise in two ways, which differ by case and by codec. */
export function everyPlay<One extends Case>(cases: readonly One[], codec: CodecName): Play<One>[] {
  const said = cases.filter((abuse) => isSaidIn(abuse, codec));
  const ways = waysOf(codec);
  const count = sized(2, ways.length);
  return Array.from({ length: count }, (_, turn) =>
    said.map((abuse, number) => {
      const first = number + codecNames.indexOf(codec);
      return { abuse, way: ways[(first + turn * (ways.length / count)) % ways.length] as Way };
    }),
  ).flat();
}

/** One of so many cases of a codec, each in one way: another one for the next. */
export function samplePlays<One extends Case>(
  cases: readonly One[],
  codec: CodecName,
  oneOf: number,
): Play<One>[] {
  const ways = waysOf(codec);
  return cases
    .filter((abuse, number) => number % oneOf === 0 && isSaidIn(abuse, codec))
    .map((abuse, number) => ({ abuse, way: ways[number % ways.length] as Way }));
}
