import { describe, expect, it } from 'vitest';
import { OverLimit } from '../../../src/udp-path/policing/over-limit.js';

/** When too many were dropped, in ms, of a datagram a millisecond. */
function verdicts(isDropped: (ms: number) => boolean, ms: number): number[] {
  const overLimit = new OverLimit();
  const found = [];
  for (let now = 0; now <= ms; now += 1) if (overLimit.add(isDropped(now), now * 1_000)) found.push(now);
  return found;
}

describe('datagrams over a bandwidth limit', () => {
  it('are too many when more than a third is dropped for two seconds', () => {
    expect(verdicts((ms) => ms % 5 < 2, 4_500)).toEqual([2_000, 4_000]);
    expect(verdicts((ms) => ms % 4 < 1, 10_000)).toEqual([]);
  });

  it('are too many before the peer takes the path for silent, whenever the drops begin', () => {
    for (const from of [1, 500, 1_400, 1_900, 2_000])
      expect(verdicts((ms) => ms >= from, 10_000)[0]! - from).toBeLessThan(3_000);
  });

  it('are not too many while they are few', () => {
    const overLimit = new OverLimit();
    for (const ms of [0, 500, 1_000, 2_000, 2_500, 4_100])
      expect(overLimit.add(true, ms * 1_000)).toBe(false);
  });
});
