import { describe, expect, it } from 'vitest';
import { MinRtt } from '../../../src/udp/path/min-rtt.js';
import { QueueDelay } from '../../../src/udp/path/queue-delay.js';

describe('the delay of the queue', () => {
  it('is measured against the fastest datagram of 12 seconds', () => {
    const queue = new QueueDelay();
    const delays = [
      [0, 5_000],
      [100, 9_000],
      [200, 4_000],
      [300, 9_000],
      [12_201, 9_000],
    ].map(([nowMs, owdUs]) => {
      queue.add(owdUs!, nowMs!, 20);
      return queue.ms;
    });
    expect(delays).toEqual([0, 4, 0, 5, 0]);
  });

  it('does not jump when the clocks wrap', () => {
    const queue = new QueueDelay();
    queue.add(2 ** 31 - 1_000, 0, 20);
    queue.add(-(2 ** 31) + 1_000, 10, 20);
    expect(queue.ms).toBe(2);
  });

  it('is emptied for 200 ms after 10 s in which it never was empty', () => {
    const queue = new QueueDelay();
    queue.add(0, 0, 20);
    const draining = [];
    for (let nowMs = 100; nowMs <= 11_000; nowMs += 100) {
      queue.add(5_000, nowMs, 20);
      if (queue.isDraining(nowMs, 20)) draining.push(nowMs);
    }
    expect(draining).toEqual([10_100, 10_200]);
  });
});

describe('the shortest round trip', () => {
  it('is forgotten after a minute at most, when the route has changed', () => {
    const rtt = new MinRtt(20_000);
    rtt.add(25_000, 0);
    expect([rtt.us, rtt.lastUs]).toEqual([20_000, 25_000]);
    rtt.add(200_000, 30e6);
    expect(rtt.us).toBe(20_000);
    rtt.add(200_000, 60e6);
    expect(rtt.us).toBe(200_000);
  });

  it('is none of more than a minute', () => {
    const rtt = new MinRtt(20_000);
    rtt.add(2 ** 32 - 1, 0);
    expect(rtt.lastUs).toBe(20_000);
  });
});
