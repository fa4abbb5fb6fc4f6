import { describe, expect, it } from 'vitest';
import { BlockingBudget } from '../../src/sync-fs/blocking-budget.js';

const preemptedMs = 0;

/** As many calls of a length as there are, one after the other; when the last one ended. */
function make(
  calls: BlockingBudget,
  { fromMs, tookMs, count }: { fromMs: number; tookMs: number; count: number },
) {
  let endedMs = fromMs;
  for (let made = 0; made < count && !calls.isPaused(endedMs); made++) {
    endedMs += tookMs;
    calls.add({ endedMs, tookMs, preemptedMs });
  }
  return endedMs;
}

describe('slow synchronous calls', () => {
  it('are tolerated if they are few', () => {
    const calls = new BlockingBudget();
    for (let second = 1; second <= 100; second++) {
      calls.add({ endedMs: second * 1_000, tookMs: 20, preemptedMs });
      expect(calls.isPaused(second * 1_000)).toBe(false);
    }
  });

  it('pause synchronous calls for a second after 25 ms that exceed their share', () => {
    const calls = new BlockingBudget();
    const endedMs = make(calls, { fromMs: 0, tookMs: 2, count: 100 });
    expect(endedMs).toBeLessThan(30);
    expect(calls.isPaused(endedMs + 999)).toBe(true);
    expect(calls.isPaused(endedMs + 1_000)).toBe(false);
  });

  it('pause synchronous calls after a single long one', () => {
    const calls = new BlockingBudget();
    calls.add({ endedMs: 500, tookMs: 400, preemptedMs });
    expect(calls.isPaused(501)).toBe(true);
  });

  it('double the pause each time, up to 64 seconds', () => {
    const calls = new BlockingBudget();
    const pauses: number[] = [];
    let nowMs = 0;
    while (pauses.length < 9) {
      const endedMs = make(calls, { fromMs: nowMs, tookMs: 5, count: 100 });
      for (nowMs = endedMs; calls.isPaused(nowMs); nowMs += 500);
      pauses.push((nowMs - endedMs) / 1_000);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
  });

  it('pause for a second again after a second without slow calls', () => {
    const calls = new BlockingBudget();
    let nowMs = make(calls, { fromMs: 0, tookMs: 5, count: 100 }) + 1_000;
    nowMs = make(calls, { fromMs: nowMs, tookMs: 5, count: 100 }) + 2_000;
    nowMs = make(calls, { fromMs: nowMs + 1_000, tookMs: 5, count: 100 });
    expect(calls.isPaused(nowMs + 999)).toBe(true);
    expect(calls.isPaused(nowMs + 1_000)).toBe(false);
  });

  it('do not count if other processes had the processor', () => {
    const calls = new BlockingBudget();
    for (let call = 1; call <= 100; call++) {
      calls.add({ endedMs: call * 10, tookMs: 10, preemptedMs: call * 10 });
      expect(calls.isPaused(call * 10)).toBe(false);
    }
  });
});
