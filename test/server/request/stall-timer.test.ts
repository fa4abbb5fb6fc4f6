import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallTimer } from '../../../src/server/request/stall-timer.js';

const STALL_MS = 60_000;

describe('a transfer that waits for its client', () => {
  let bytes = 0;
  let stalled = 0;
  let isContended = false;
  let clock: StallTimer;

  beforeEach(() => {
    vi.useFakeTimers();
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

  it('may stall for the limit, and no longer', () => {
    clock.start();
    vi.advanceTimersByTime(STALL_MS - 1);
    expect(stalled).toBe(0);
    vi.advanceTimersByTime(1);
    expect(stalled).toBe(1);
  });

  it('may not send single bytes to extend it: all its waits add up', () => {
    for (let second = 0; second < 61; second++) {
      clock.start();
      vi.advanceTimersByTime(1_000);
      bytes += 99;
      clock.stop();
    }
    expect(stalled).toBe(1);
  });

  it('continues indefinitely at the minimum rate', () => {
    for (let second = 0; second < 600; second++) {
      clock.start();
      vi.advanceTimersByTime(1_000);
      bytes += 105;
      clock.stop();
    }
    expect(stalled).toBe(0);
  });

  it('is not charged for time when it waits for the server', () => {
    clock.start();
    vi.advanceTimersByTime(1_000);
    clock.stop();
    vi.advanceTimersByTime(10 * STALL_MS);
    expect(stalled).toBe(0);
  });

  it('has a shorter limit while other requests wait', () => {
    isContended = true;
    clock.start();
    vi.advanceTimersByTime(4_999);
    expect(stalled).toBe(0);
    vi.advanceTimersByTime(1);
    expect(stalled).toBe(1);
  });

  it('ends soon after other requests start to wait', () => {
    clock.start();
    vi.advanceTimersByTime(20_000);
    isContended = true;
    vi.advanceTimersByTime(5_000);
    expect(stalled).toBe(1);
  });

  it('keeps its place while it makes progress, although other requests wait', () => {
    isContended = true;
    clock.start();
    for (let second = 0; second < 100; second++) {
      vi.advanceTimersByTime(1_000);
      bytes += 1_000;
    }
    expect(stalled).toBe(0);
  });
});
