import { describe, expect, it } from 'vitest';
import { chanceOf } from '../../../faults/size.js';
import { changing, looking } from '../walk/leading-requests.js';
import { judge, race } from '../walk/path-race.js';

const swap = { place: 'folder', target: '' };

describe.runIf(process.platform === 'linux')(
  'rsync: a directory and a link change places all the time',
  () => {
    it('and no read leads outside of the root', { timeout: 60_000 }, async () => {
      const outcome = await race({ swap, requests: looking, atLeast: 1_000, chance: chanceOf('looking') });
      await judge(outcome);
      // Nobody takes or makes anything.
      const codes = ['done', 'ELOOP', 'ENOENT', 'ENOTDIR'];
      expect(codes).toEqual(expect.arrayContaining(Object.keys(outcome.codes)));
    });

    it('and no write, removal or rename leads outside of the root', { timeout: 60_000 }, async () => {
      await judge(await race({ swap, requests: changing, atLeast: 1_000, chance: chanceOf('changing') }));
    });
  },
);
