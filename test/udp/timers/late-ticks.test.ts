import { describe, expect, it } from 'vitest';
import { LateTicks } from '../../../src/udp-path/timers/late-ticks.js';

/** What each of the ticks that come after these intervals may do. */
function judgements(intervals: readonly number[]): boolean[] {
  const ticks = new LateTicks(500, 0);
  let nowMs = 0;
  return intervals.map((interval) => ticks.add((nowMs += interval)));
}

describe('the ticks of a path', () => {
  it('judge the silence of the peer while they are punctual', () => {
    expect(judgements([250, 250, 499])).toEqual([true, true, true]);
  });

  it('do not judge just after a pause of the process', () => {
    expect(judgements([250, 9_000, 250, 250, 250, 250])).toEqual([true, false, false, false, false, true]);
  });

  it('judge every fifth time in a process in which all of them are late', () => {
    const late = judgements(new Array<number>(20).fill(600));
    expect(late.filter(Boolean)).toHaveLength(4);
    expect(late.slice(0, 5)).toEqual([false, false, false, false, true]);
  });
});
