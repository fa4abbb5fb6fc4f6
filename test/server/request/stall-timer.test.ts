import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { turns } from '../../support/servers/unfriendly.js';
import { StallTimer } from '../../../src/server/request/stall-timer.js';

const STALL_MS = 60_000;

/** Ticks are at the ends of steps. */
const STEP_MS = 250;

/** Advances the clock, and lets the input before each tick be read. */
async function advance(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    vi.advanceTimersByTime(Math.min(left, STEP_MS));
    await turns(3);
  }
}

describe('a transfer that waits for its client', () => {
  let bytes = 0;
  let stalled = 0;
  let isContended = false;
  let clock: StallTimer;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    bytes = stalled = 0;
    isContended = false;
    const rule = { stallMs: STALL_MS, minBytesPerSecond: 100, isContended: () => isContended };
    clock = new StallTimer(
      rule,
      () => bytes,
      () => (stalled += 1),
    );
  });

  afterEach(() => {
    clock.end();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('may stall for the limit, and no longer', async () => {
    clock.start();
    await advance(STALL_MS - 1);
    expect(stalled).toBe(0);
    await advance(1);
    expect(stalled).toBe(1);
  });

  it('may not send single bytes to extend it: all its waits add up', async () => {
    for (let second = 0; second < 61; second++) {
      clock.start();
      await advance(1_000);
      bytes += 99;
      clock.stop();
    }
    expect(stalled).toBe(1);
  });

  it('continues indefinitely at the minimum rate', async () => {
    for (let second = 0; second < 600; second++) {
      clock.start();
      await advance(1_000);
      bytes += 105;
      clock.stop();
    }
    expect(stalled).toBe(0);
  });

  it('is not charged for time when it waits for the server', async () => {
    clock.start();
    await advance(1_000);
    clock.stop();
    await advance(10 * STALL_MS);
    expect(stalled).toBe(0);
  });

  it('is not charged for time in which the server was busy', async () => {
    isContended = true;
    clock.start();
    await advance(2_500);
    const busy = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10 * STALL_MS);
    clock.stop();
    clock.start();
    vi.advanceTimersByTime(1_250);
    busy.mockRestore();
    await turns(3);
    expect(stalled).toBe(0);
  });

  it('has a shorter limit while other requests wait', async () => {
    isContended = true;
    clock.start();
    await advance(4_999);
    expect(stalled).toBe(0);
    await advance(1);
    expect(stalled).toBe(1);
  });

  it('ends soon after other requests start to wait', async () => {
    clock.start();
    await advance(20_000);
    isContended = true;
    await advance(5_000);
    expect(stalled).toBe(1);
  });

  it('keeps its place while it makes progress, although other requests wait', async () => {
    isContended = true;
    clock.start();
    for (let second = 0; second < 100; second++) {
      await advance(1_000);
      bytes += 1_000;
    }
    expect(stalled).toBe(0);
  });
});
