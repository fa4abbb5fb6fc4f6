/** Paces and limits under a clock of the test's own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Throttle, RateLimit } from '../../../src/session/transport/throttle.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A throttle with endless input, which counts the passed bytes. */
class Greedy {
  readonly pace = new Throttle();
  moved = 0;

  constructor(...limits: RateLimit[]) {
    for (const limit of limits) this.pace.addLimit(limit);
    this.#move();
  }

  #move(): void {
    while (!this.pace.isThrottled) {
      this.moved += this.pace.pieceBytes;
      this.pace.consume(this.pace.pieceBytes);
    }
    this.pace.onReady(() => this.#move());
  }
}

describe('a throttle', () => {
  it.each([1_000, 100_000, 10_000_000, 1_000_000_000])(
    'passes %i bytes a second, no more and no less',
    (rate) => {
      const greedy = new Greedy(new RateLimit(rate));
      vi.advanceTimersByTime(10_000);
      expect(greedy.moved).toBeGreaterThanOrEqual(rate * 10 * 0.95);
      expect(greedy.moved).toBeLessThanOrEqual(rate * 10.1 + 2 * greedy.pace.pieceBytes);
    },
  );

  it('delays nothing without a limit', () => {
    const pace = new Throttle();
    pace.consume(1e12);
    expect(pace.isThrottled).toBe(false);
    expect(pace.throttledMs).toBe(0);
  });

  it('compensates for late timers, but not for unused time', () => {
    let now = 0;
    const pace = new Throttle(() => now);
    pace.addLimit(new RateLimit(1_000));
    pace.consume(1_000);
    now = 950;
    expect(pace.isThrottled).toBe(false);
    pace.consume(50);
    expect(pace.isThrottled).toBe(false);
    now = 100_000;
    pace.consume(100);
    expect(pace.isThrottled).toBe(false);
    pace.consume(1);
    expect(pace.isThrottled).toBe(true);
  });

  it('has the rate of the lowest of its limits', () => {
    const greedy = new Greedy(new RateLimit(1_000_000), new RateLimit(10_000), new RateLimit(50_000));
    vi.advanceTimersByTime(10_000);
    expect(greedy.pace.bytesPerSecond).toBe(10_000);
    expect(greedy.moved).toBeGreaterThan(95_000);
    expect(greedy.moved).toBeLessThan(103_000);
  });

  it('shares a limit evenly with any number of others', () => {
    const shared = new RateLimit(1_000_000);
    const all = Array.from({ length: 50 }, () => new Greedy(shared));
    vi.advanceTimersByTime(100_000);
    const moved = all.map((greedy) => greedy.moved);
    expect(Math.min(...moved)).toBeGreaterThan(0.9 * Math.max(...moved));
    expect(moved.reduce((sum, bytes) => sum + bytes)).toBeLessThan(101_000_000 + 51 * 65_536);
  });

  it('leaves the unused part of a slow one to the others', () => {
    const shared = new RateLimit(1_000_000);
    const slow = new Greedy(shared, new RateLimit(10_000));
    const fast = new Greedy(shared);
    vi.advanceTimersByTime(10_000);
    expect(slow.moved).toBeGreaterThan(90_000);
    expect(fast.moved).toBeGreaterThan(9_500_000);
  });

  it('joins a limit behind its past traffic, so that reconnecting gains nothing', () => {
    const shared = new RateLimit(1_000);
    new Throttle().addLimit(shared);
    const first = new Throttle();
    first.addLimit(shared);
    first.consume(5_000);
    const second = new Throttle();
    second.addLimit(shared);
    vi.advanceTimersByTime(4_800);
    expect(second.isThrottled).toBe(true);
    vi.advanceTimersByTime(100);
    expect(second.isThrottled).toBe(false);
  });

  it('applies a new rate to later bytes', () => {
    const limit = new RateLimit(1_000);
    const greedy = new Greedy(limit);
    vi.advanceTimersByTime(10_000);
    const before = greedy.moved;
    limit.bytesPerSecond = 100_000;
    vi.advanceTimersByTime(10_000);
    expect(greedy.moved - before).toBeGreaterThan(900_000);
  });

  it('counts its delays once, and only those that are over', () => {
    const pace = new Throttle();
    pace.addLimit(new RateLimit(1_000));
    pace.addLimit(new RateLimit(500));
    pace.consume(1_000);
    expect(pace.throttledMs).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(pace.throttledMs).toBeCloseTo(1_000);
    vi.advanceTimersByTime(5_000);
    expect(pace.throttledMs).toBeCloseTo(1_900);
  });

  it('counts its own lateness as delay, too', () => {
    let now = 0;
    const pace = new Throttle(() => now);
    pace.addLimit(new RateLimit(1_000));
    pace.consume(600);
    pace.onReady(() => undefined);
    now = 900;
    expect(pace.throttledMs).toBeCloseTo(900);
    vi.runAllTimers();
    now = 1_500;
    expect(pace.throttledMs).toBeCloseTo(900);
    pace.consume(600);
    now = 1_600;
    expect(pace.throttledMs).toBeCloseTo(1_000);
  });

  it('passes small pieces at low rates, so that every channel has its turn within a minute', () => {
    const pieceOf = (rate: number): number => new Greedy(new RateLimit(rate)).pace.pieceBytes;
    expect(pieceOf(1)).toBe(512);
    expect(pieceOf(160_000)).toBe(10_000);
    expect(pieceOf(1e9)).toBe(65_536);
  });

  it('calls back once for all callers, and never after it was stopped', () => {
    const pace = new Throttle();
    pace.addLimit(new RateLimit(1_000));
    pace.consume(1_000);
    const callback = vi.fn();
    pace.onReady(callback);
    pace.onReady(callback);
    vi.advanceTimersByTime(2_000);
    expect(callback).toHaveBeenCalledTimes(1);
    pace.consume(2_000);
    pace.onReady(callback);
    pace.stop();
    pace.onReady(callback);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('calls those that wait one after the other, so that each has its turn', () => {
    const pace = new Throttle();
    pace.addLimit(new RateLimit(1_000));
    const turns: string[] = [];
    const mover = (name: string) => {
      const move = (): void => {
        if (!pace.isThrottled) {
          turns.push(name);
          pace.consume(500);
        }
        pace.onReady(move);
      };
      return move;
    };
    for (const name of ['a', 'b', 'c']) mover(name)();
    vi.advanceTimersByTime(10_000);
    expect(turns.length).toBeGreaterThan(15);
    expect(turns.slice(1).join('')).toMatch(/^(abc)+a?b?$/);
    expect(pace.throttledMs).toBeLessThanOrEqual(10_000);
    expect(pace.throttledMs).toBeGreaterThan(9_500);
  });

  it('starts no wait after it was stopped', () => {
    const pace = new Throttle();
    pace.addLimit(new RateLimit(1_000));
    pace.consume(1_000);
    pace.stop();
    pace.onReady(() => undefined);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('splits waits that are longer than the maximum of a timer', () => {
    const pace = new Throttle();
    pace.addLimit(new RateLimit(1));
    pace.consume(1e10);
    const callback = vi.fn();
    pace.onReady(callback);
    vi.advanceTimersByTime(59_000);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(pace.isThrottled).toBe(true);
  });
});
