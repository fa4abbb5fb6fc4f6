/** Names that change places with links to the outside, while requests of all kinds are made on them. */
import { describe, it } from 'vitest';
import { changing, looking } from '../storage/leading-requests.js';
import { judge, race } from '../storage/path-race.js';
import { swaps } from '../storage/swapping.js';
import { tellNumbers } from './numbers.js';
import { chanceOf, sized } from './size.js';

describe.runIf(process.platform === 'linux')('nobody is led outside', () => {
  for (const { name, ...swap } of swaps) {
    it(`while ${name} and a link change places`, async (context) => {
      const requests = { ...looking, ...changing };
      const outcome = await race({ swap, requests, atLeast: sized(1_000, 100_000), chance: chanceOf(name) });
      await judge(outcome);
      const { ELOOP = 0, EACCES = 0, done = 0 } = outcome.codes;
      tellNumbers(context, {
        requests: outcome.requests,
        done,
        'refused as links': ELOOP + EACCES,
        swaps: outcome.swaps,
      });
    });
  }
});
