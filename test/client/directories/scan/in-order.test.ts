import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../../src/client/directories/scan/in-order.js';

describe('work on many items', () => {
  it('has its results in the order of the items, whatever ends first', async () => {
    const items = Array.from({ length: 2_000 }, (_, index) => index);
    const results: number[] = [];
    let running = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < (item * 7) % 5; turn++) await Promise.resolve();
      running--;
      return item;
    };
    const mixed = (item: number): number | Promise<number> => (item % 3 === 0 ? item : work(item));
    for await (const batch of inOrder(items, 4, mixed)) results.push(...batch);
    expect(results).toEqual(items);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('ends with the first error, and leaves no rejection behind', async () => {
    const failing = (item: number): Promise<number> => Promise.reject(new Error(`item ${item}`));
    const reading = inOrder([1, 2, 3], 3, failing).next();
    await expect(reading).rejects.toThrow('item 1');
  });
});
