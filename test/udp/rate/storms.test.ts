/** What a model keeps of reports that come far more often than a receiver sends them, with values of its choice. */
import { describe, expect, it } from 'vitest';
import { BandwidthFilter } from '../../../src/udp/rate/bandwidth-filter.js';
import { DeliveryRate } from '../../../src/udp/path/delivery-rate.js';
import { QueueDelay } from '../../../src/udp/path/queue-delay.js';
import { usedBytes } from '../../support/heap.js';

const REPORTS = 300_000;
const MAX_BYTES = 1024 * 1024;

/** Reports in 10 s, each with its number and time in ms. Returns the bytes that are kept after them. */
async function storm(add: (number: number, ms: number) => void): Promise<number> {
  add(0, 0);
  const before = await usedBytes();
  for (let number = 1; number <= REPORTS; number += 1) add(number, (number * 10_000) / REPORTS);
  return (await usedBytes()) - before;
}

describe('a storm of reports costs little memory and no time of the square of their number', () => {
  it('when each delay is longer than the one before', async () => {
    const queue = new QueueDelay();
    expect(await storm((number, ms) => queue.add(number, ms, 1))).toBeLessThan(MAX_BYTES);
    expect(queue.ms).toBe(REPORTS / 1_000);
  });

  it('when each rate is lower than the one before, with a round trip of a minute', async () => {
    const filter = new BandwidthFilter();
    expect(await storm((number, ms) => filter.add(REPORTS - number, ms, 60_000))).toBeLessThan(MAX_BYTES);
    expect(filter.bytesPerMs).toBe(REPORTS);
  });

  it('when the clock of the receiver stands still', async () => {
    const delivery = new DeliveryRate();
    const arrivals = { lastArrivalUs: 5, lastSendTimeUs: 5, resolvedTo: 0 };
    const bytes = await storm((number) => delivery.add({ ...arrivals, bytesReceived: number }, 1));
    expect(bytes).toBeLessThan(MAX_BYTES);
    expect(delivery.bytesPerMs).toBe(0);
  });
});
