import { describe, it } from 'vitest';
import { chanceOf } from '../../../faults/size.js';
import { changing, looking } from './leading-requests.js';
import { judge, race } from './path-race.js';
import { swaps } from './swapping.js';

describe.runIf(process.platform === 'linux')('rsync, croc, tus: check-then-use races', () => {
  it.each(swaps)(
    'never lead outside, while $name and a link change places',
    { timeout: 60_000 },
    async (what) => {
      const { name, ...swap } = what;
      const requests = { ...looking, ...changing };
      await judge(await race({ swap, requests, atLeast: 1_000, chance: chanceOf(name) }));
    },
  );
});
