import { describe, expect, it } from 'vitest';
import { WindowedBest } from '../../src/collections/windowed-best.js';

const WINDOW_MS = 1_000;

/** The smallest of the values of the window, found by looking at all. */
function smallestOf(values: readonly [ms: number, value: number][], nowMs: number): number {
  return Math.min(...values.filter(([ms]) => ms >= nowMs - WINDOW_MS).map(([, value]) => value));
}

describe('the best of a window', () => {
  it('is undefined without a value, and the only one if there is one', () => {
    const best = new WindowedBest((one, other) => one <= other);
    expect(best.value).toBeUndefined();
    best.add(7, 0, WINDOW_MS);
    expect(best.value).toBe(7);
    best.add(9, WINDOW_MS + 1, WINDOW_MS);
    expect(best.value).toBe(9);
    best.reset(3, 5_000);
    expect(best.value).toBe(3);
  });

  it('is the smallest of values that rise, fall and repeat', () => {
    const best = new WindowedBest((one, other) => one <= other);
    const values: [number, number][] = [];
    for (let step = 0; step < 3_000; step += 1) {
      const value = ((step * 7_919) % 101) + 50 * Math.sin(step / 40);
      values.push([step * 10, value]);
      best.add(value, step * 10, WINDOW_MS);
      expect(best.value).toBe(smallestOf(values.slice(-102), step * 10));
    }
  });

  it('is the largest if larger ones are better', () => {
    const best = new WindowedBest((one, other) => one >= other);
    for (const [ms, value] of [[0, 5], [10, 8], [20, 6]] as const) best.add(value, ms, WINDOW_MS); // prettier-ignore
    expect(best.value).toBe(8);
    best.add(1, 1_011, WINDOW_MS);
    expect(best.value).toBe(6);
  });
});
