/** Methods are called while connections are cut: each call runs once. */
import { expect, it } from 'vitest';
import { cutCalls } from '../integration/methods/cut-calls.js';
import { reportNumbers } from './numbers.js';
import { sized } from './size.js';

const calls = sized(2_000, 10_000);
const cuts = sized(100, 500);

it.for(['toServer', 'toClient'] as const)(
  'calls run once each while their connections are cut: %s',
  async (way, context) => {
    const done = await cutCalls({ calls, cuts, atOnce: 16, way, codec: 'binary', bytes: 20_000 });
    expect(done).toBe(cuts);
    reportNumbers(context, { calls, cuts: done });
  },
);

it('calls leave no memory behind', async (context) => {
  const bytesAfter = async (count: number): Promise<number> => {
    await cutCalls({ calls: count, cuts: 10, atOnce: 16, way: 'toClient', codec: 'binary', bytes: 20_000 });
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = await bytesAfter(calls);
  const after = await bytesAfter(2 * calls);
  reportNumbers(context, { 'bytes before': before, 'bytes after': after });
  expect(after - before).toBeLessThan(32 * 1024 * 1024);
});
