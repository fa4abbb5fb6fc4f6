import { describe, expect, it } from 'vitest';
import { extraShare, median, rateBetween } from './statistics.mjs';

describe('the figures of transfers', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('find the median of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('have no median of nothing', () => {
    expect(median([])).toBeNaN();
  });

  it('count the rate from the last sample before each time', () => {
    const samples = [
      { atMs: 0, bytes: 0 },
      { atMs: 900, bytes: 100_000 },
      { atMs: 1_900, bytes: 1_100_000 },
    ];
    expect(rateBetween(samples, 1_000, 2_000)).toBe(8);
  });

  it('count what arrives before the first sample as nothing', () => {
    expect(rateBetween([{ atMs: 500, bytes: 125 }], 0, 1_000)).toBe(0.001);
  });

  it('count the packets beyond those that the bytes need', () => {
    expect(extraShare(105, 100_000, 1_000)).toBeCloseTo(0.05);
  });
});
