import { expect, it } from 'vitest';
import { seed } from '../../size.js';
import { checkOperations } from './simulate-operations.js';

// It takes seconds; a failure is shrunk.
it(
  'methods, batches and watches keep their promises in a simulated network with faults',
  { timeout: 120_000 },
  async () => {
    const numbers = await checkOperations(40, seed);
    expect(numbers.cuts).toBeGreaterThan(0);
    expect(numbers['times lost']).toBeGreaterThan(0);
    expect(numbers['of them done']).toBeGreaterThan(numbers.requests / 4);
  },
);
