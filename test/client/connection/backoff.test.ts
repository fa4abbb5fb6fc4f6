import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/client/connection/backoff.js';

const settings = { maxAttempts: 20, maxElapsedMs: 1_000, minDelayMs: 100, maxDelayMs: 500 };

describe('Backoff', () => {
  it('doubles the upper bound of the delay with each attempt, up to the maximum', () => {
    const backoff = new Backoff(settings, { random: () => 0.999 });
    const delays = [1, 2, 3, 4, 5].map(() => {
      backoff.recordAttempt();
      return backoff.delayMs();
    });
    expect(delays).toEqual([99, 199, 399, 499, 499]);
  });

  it('adds the time that the server has asked for to the delay', () => {
    const backoff = new Backoff(settings, { random: () => 0.999 });
    expect(backoff.delayMs(5_000)).toBe(5_099);
  });

  it('gives up if the time that the server has asked for exceeds the time budget', () => {
    const backoff = new Backoff(settings, { clock: () => 0 });
    expect(backoff.canRetry(999)).toBe(true);
    expect(backoff.canRetry(1_000)).toBe(false);
  });

  it('gives up after the time budget, which progress restores', () => {
    let now = 0;
    const backoff = new Backoff(settings, { clock: () => now });
    expect(backoff.canRetry()).toBe(true);
    now = 999;
    expect(backoff.canRetry()).toBe(true);
    now = 1_000;
    expect(backoff.canRetry()).toBe(false);
    backoff.reset();
    expect(backoff.canRetry()).toBe(true);
  });

  it('gives up after as many attempts as allowed, which progress restores', () => {
    const backoff = new Backoff({ ...settings, maxAttempts: 1 });
    backoff.recordAttempt();
    expect(backoff.canRetry()).toBe(false);
    backoff.reset();
    expect(backoff.canRetry()).toBe(true);
  });
});
