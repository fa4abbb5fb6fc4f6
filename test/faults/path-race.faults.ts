/** Names that change places with links to the outside, while requests of all kinds are made on them. */
import { describe, it } from 'vitest';
import { changing, looking } from '../storage/directory/walk/leading-requests.js';
import { judge, race } from '../storage/directory/walk/path-race.js';
import { swaps } from '../storage/directory/walk/swapping.js';
import { reportNumbers } from './numbers.js';
import { chanceOf, sized } from './size.js';

// Requests that change the tree make it grow, which makes listings slower.
const kinds = [
  { kind: 'looks', requests: looking, long: 100_000 },
  { kind: 'changes', requests: changing, long: 5_000 },
] as const;

describe.runIf(process.platform === 'linux')('no request leads outside of the root', () => {
  for (const { name, ...swap } of swaps) {
    for (const { kind, requests, long } of kinds) {
      // Requests that only read never lead into the private folder.
      if (kind === 'looks' && swap.place.endsWith('.socket-ftp')) continue;
      it(`that ${kind} while ${name} and a link change places`, async (context) => {
        const outcome = await race({
          swap,
          requests,
          atLeast: sized(1_000, long),
          chance: chanceOf(name + kind),
        });
        await judge(outcome);
        const { ELOOP = 0, EACCES = 0, done = 0 } = outcome.codes;
        reportNumbers(context, {
          requests: outcome.requests,
          done,
          'refused as links': ELOOP + EACCES,
          swaps: outcome.swaps,
        });
      });
    }
  }
});
