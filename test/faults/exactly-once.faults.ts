/** Every change, with the connection cut after every byte: it is made once. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/servers/serve.js';
import { codecs } from './fixtures/fast-ends.js';
import {
  changes,
  interferences,
  localFile,
  loseAnswer,
  type ChangeName,
  type InterferenceName,
} from './fixtures/lost-answer.js';
import type { Direction } from './network/connection-faults.js';
import { reportNumbers } from './numbers.js';
import { sized } from './size.js';

const step = sized(37, 1);
const others = Object.keys(interferences) as InterferenceName[];

it.for(Object.keys(changes) as ChangeName[])(
  '%s is carried out once, whatever byte is the last',
  async (change, context) => {
    const local = await localFile(path.join(await temporaryDirectory(), 'local'));
    const wrong: string[] = [];
    const numbers = { cases: 0, 'done before the cut': 0 };
    for (const [index, codec] of codecs.entries())
      for (const direction of ['toServer', 'toClient'] satisfies Direction[]) {
        let wasCut = true;
        for (let afterBytes = 1; wasCut; afterBytes += step) {
          // The bytes of one frame are alike, so that each way to interfere meets each frame.
          const interference = others[(afterBytes + index) % others.length]!;
          const outcome = await loseAnswer({ change, codec, interference, direction, afterBytes }, local);
          wrong.push(...outcome.wrong);
          ({ wasCut } = outcome);
          numbers.cases += 1;
          if (outcome.wasDone && wasCut) numbers['done before the cut'] += 1;
        }
      }
    expect(wrong).toEqual([]);
    expect(numbers['done before the cut']).toBeGreaterThan(0);
    reportNumbers(context, numbers);
  },
);
