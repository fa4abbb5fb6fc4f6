import { describe, expect, it } from 'vitest';
import { Random } from '../faults/fixtures/random.js';
import type { LinkSettings } from './simulation/link.js';
import { Transfer } from './simulation/transfer.js';

const RUNS = 1_000;

describe('short transfers over bad paths', { timeout: 60_000 }, () => {
  it('arrive completely, in order and in time', () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const random = new Random(seed);
      const link = pathOf(random);
      const sizes = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 60_000));
      const datagramBytes = random.pick([1_200, 1_400, 1_452, 8_000]);
      const windowBytes = random.integer(20_000, 220_000);
      const transfer = new Transfer({ link, sizes, seed, datagramBytes, windowBytes });
      expect({ seed, link, isDone: transfer.run(60_000) }).toEqual({ seed, link, isDone: true });
      expect(transfer.received.receivedBytes).toBe(transfer.totalBytes);
      expect(transfer.maxReassemblyBytes).toBeLessThanOrEqual(sizes.length * (windowBytes + 2 * 65_536));
    }
  });
});

function pathOf(random: Random): LinkSettings {
  const isOften = (part: number) => random.next() < part;
  return {
    mbitPerSecond: random.pick([1, 5, 20, 100, 500]),
    rttMs: random.pick([0.2, 1, 5, 20, 100, 300]),
    queueBytes: random.integer(5_000, 205_000),
    loss: isOften(0.5) ? random.next() * 0.3 : 0,
    burst: random.integer(1, 5),
    jitterMs: isOften(0.5) ? random.next() * 30 : 0,
    reorders: isOften(0.5),
    duplication: isOften(0.3) ? random.next() * 0.3 : 0,
    mtu: isOften(0.1) ? 1_300 : Infinity,
  };
}
