/** Many simulated runs: see simulate-operations.ts. */
import { it } from 'vitest';
import { reportNumbers } from '../../numbers.js';
import { seed, sized } from '../../size.js';
import { checkOperations } from './simulate-operations.js';

it('methods, batches and watches keep all promises in simulated runs', async (context) => {
  reportNumbers(context, { ...(await checkOperations(sized(300, 10_000), seed)) });
});
