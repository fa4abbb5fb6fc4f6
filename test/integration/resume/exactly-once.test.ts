/** Changes whose connection is lost: a sample of test/faults/exactly-once.faults.ts. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { codecs } from '../../faults/fixtures/fast-ends.js';
import {
  changes,
  interferences,
  localFile,
  loseAnswer,
  type ChangeName,
  type InterferenceName,
} from '../../faults/fixtures/lost-answer.js';
import type { Direction } from '../../faults/network/connection-faults.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

const names = Object.keys(changes) as ChangeName[];
const others = Object.keys(interferences) as InterferenceName[];

it.each(names)(
  '%s is carried out once, although its connection is lost and others change the path',
  async (change) => {
    const local = await localFile(path.join(await temporaryDirectory(), 'local'));
    const wrong: string[] = [];
    let done = 0;
    const codec = codecs[names.indexOf(change) % codecs.length]!;
    for (const direction of ['toServer', 'toClient'] satisfies Direction[]) {
      let wasCut = true;
      for (let afterBytes = 1 + names.indexOf(change); wasCut; afterBytes += 19) {
        const interference = others[afterBytes % others.length]!;
        const outcome = await loseAnswer({ change, codec, interference, direction, afterBytes }, local);
        wrong.push(...outcome.wrong);
        ({ wasCut } = outcome);
        if (outcome.wasDone && wasCut) done += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(done).toBeGreaterThan(0);
  },
);

// The others may be sent again, because a second time changes nothing.
const once = names.filter((name) => name !== 'utimes' && name !== 'mkdir, recursive');

it.each(once)(
  '%s is never carried out twice by a server that was restarted, and fails only with outcomeUnknown',
  async (change) => {
    const local = await localFile(path.join(await temporaryDirectory(), 'local'));
    const wrong: string[] = [];
    const codec = codecs[names.indexOf(change) % codecs.length]!;
    for (const direction of ['toServer', 'toClient'] satisfies Direction[]) {
      let wasCut = true;
      for (let afterBytes = 1 + names.indexOf(change); wasCut; afterBytes += 19) {
        const lost = {
          change,
          codec,
          interference: 'nothing',
          direction,
          afterBytes,
          restarts: true,
        } as const;
        const outcome = await loseAnswer(lost, local);
        wrong.push(...outcome.wrong);
        ({ wasCut } = outcome);
        if (outcome.error && !outcome.error.outcomeUnknown) wrong.push(outcome.error.message);
      }
    }
    expect(wrong).toEqual([]);
  },
);
