/** Many simulated runs: see simulate.ts. */
import { it } from 'vitest';
import { reportNumbers } from '../numbers.js';
import { seed, sized } from '../size.js';
import { checkRuns } from './check-runs.js';

it('simulated runs keep all promises', async (context) => {
  reportNumbers(context, { ...(await checkRuns(sized(400, 20_000), seed)) });
});
