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

it.each(Object.keys(changes) as ChangeName[])(
  '%s is carried out once, whatever byte is the last',
  async (change) => {
    const local = await localFile(path.join(await temporaryDirectory(), 'local'));
    const wrong: string[] = [];
    const numbers = { cases: 0, done: 0 };
    for (const codec of codecs)
      for (const interference of Object.keys(interferences) as InterferenceName[])
        for (const direction of ['toServer', 'toClient'] satisfies Direction[]) {
          let wasCut = true;
          for (let afterBytes = 1; wasCut; afterBytes += step) {
            const outcome = await loseAnswer({ change, codec, interference, direction, afterBytes }, local);
            wrong.push(...outcome.wrong);
            ({ wasCut } = outcome);
            numbers.cases += 1;
            numbers.done += outcome.wasDone ? 1 : 0;
          }
        }
    expect(wrong).toEqual([]);
    reportNumbers(context, numbers);
  },
);
