import { describe, expect, it } from 'vitest';
import { closePlan, returnTimes } from '../../src/server/close-options.js';

describe('closePlan', () => {
  it('names no time of return by default', () => {
    expect(closePlan({})).toEqual({ graceMs: 5_000, retryAfterMs: undefined });
    expect(closePlan({ graceMs: 0, retryAfterMs: 0 })).toEqual({ graceMs: 0, retryAfterMs: 0 });
  });

  it.each([-1, 30_001, 0.5, '1' as unknown as number])('rejects a time of %s', (retryAfterMs) => {
    expect(() => closePlan({ retryAfterMs })).toThrow(TypeError);
  });

  it('rejects an unknown option', () => {
    const wrong = { retryAfter: 1 } as object;
    expect(() => closePlan(wrong)).toThrow(/retryAfter/);
  });
});

describe('the times of return', () => {
  const plan = { retryAfterMs: 1_000 };

  it('let 50 clients return in a second', () => {
    const times = returnTimes(plan, 200).toSorted(byNumber);
    expect(times[0]).toBe(1_000);
    expect(times[49]).toBe(1_980);
    expect(times[199]).toBe(4_980);
  });

  it('are in random order', () => {
    const draws = [0, 0, 0];
    expect(returnTimes(plan, 4, () => draws.pop() ?? 0)).toEqual([1_020, 1_040, 1_060, 1_000]);
  });

  it('lie within 30 s, however many clients there are', () => {
    const times = returnTimes(plan, 10_000).toSorted(byNumber);
    expect(times.at(-1)).toBe(30_997);
    expect(new Set(times).size).toBe(10_000);
    expect(returnTimes({ retryAfterMs: 30_000 }, 10_000).every((time = 0) => time < 60_000)).toBe(true);
  });

  it('are unknown if the server does not say when it is back', () => {
    expect(returnTimes({ retryAfterMs: undefined }, 2)).toEqual([undefined, undefined]);
    expect(returnTimes(plan, 0)).toEqual([]);
  });
});

function byNumber(one = 0, other = 0): number {
  return one - other;
}
