import { describe, expect, it } from 'vitest';
import { StandingQueue } from '../../../src/udp/rate/standing-queue.js';
import { sampleOf } from './samples.js';

/** Reports of a path of 100 ms, 25 ms apart, in which 25,000 bytes arrive: its queue stands above 7 ms. */
const report = (queueMs: number) => sampleOf({ queueMs, arrivedBytes: 25_000, arrivalMs: 25 });

describe('a standing queue', () => {
  it('tells the mean rate of one and a half round trips, once', () => {
    const queue = new StandingQueue();
    const rates = Array.from({ length: 7 }, () => queue.add(report(8), true));
    expect(rates).toEqual([...Array<undefined>(5), 1_000, undefined]);
  });

  it.each([
    ['the queue becomes short', report(6), true],
    ['the sender changes its rate', report(8), false],
    ['the sender has less to send than the path carries', { ...report(8), isAppLimited: true }, true],
  ])('tells nothing when %s', (_, sample, isCruising) => {
    const queue = new StandingQueue();
    for (let index = 0; index < 5; index += 1) queue.add(report(8), true);
    queue.add(sample, isCruising);
    const rates = Array.from({ length: 5 }, () => queue.add(report(8), true));
    expect(rates).toEqual(Array<undefined>(5));
  });
});
