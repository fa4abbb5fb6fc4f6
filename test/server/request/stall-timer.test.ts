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

  it('may stand still for a while, and no longer', () => {
    clock.start();
    vi.advanceTimersByTime(STALL_MS - 1);
    expect(stalled).toBe(0);
    vi.advanceTimersByTime(1);
    expect(stalled).toBe(1);
  });

  it('may not drip: what counts is all its waits together', () => {
    for (let second = 0; second < 61; second++) {
      clock.start();
      vi.advanceTimersByTime(1_000);
      bytes += 99;
      clock.stop();
    }
    expect(stalled).toBe(1);
  });

  it('goes on for ever at the rate that is asked for', () => {
    for (let second = 0; second < 600; second++) {
      clock.start();
      vi.advanceTimersByTime(1_000);
      bytes += 105;
      clock.stop();
    }
    expect(stalled).toBe(0);
  });

  it('is not blamed for what is not its turn', () => {
    clock.start();
    vi.advanceTimersByTime(1_000);
    clock.stop();
    vi.advanceTimersByTime(10 * STALL_MS);
    expect(stalled).toBe(0);
  });

  it('makes room sooner where others wait', () => {
    isContended = true;
    clock.start();
    vi.advanceTimersByTime(4_999);
    expect(stalled).toBe(0);
    vi.advanceTimersByTime(1);
    expect(stalled).toBe(1);
  });

  it('makes room soon after others have begun to wait', () => {
    clock.start();
    vi.advanceTimersByTime(20_000);
    isContended = true;
    vi.advanceTimersByTime(5_000);
    expect(stalled).toBe(1);
  });

  it('keeps its place, although others wait, while it gets on', () => {
    isContended = true;
    clock.start();
    for (let second = 0; second < 100; second++) {
      vi.advanceTimersByTime(1_000);
      bytes += 1_000;
    }
    expect(stalled).toBe(0);
  });
});
