/** Paths on which datagrams of the size that the handshake has found no longer arrive. */
import { describe, expect, it } from 'vitest';
import { Transfer } from '../simulation/transfer.js';

const sizes = [8e6];

interface Course {
  readonly smallMs: number;
  readonly reasons: ReadonlySet<string>;
}

/** Runs a transfer whose path loses large datagrams after a while. */
function run(transfer: Transfer, fromMs: number): Course {
  let smallMs = Infinity;
  const reasons = new Set<string>();
  transfer.run(fromMs);
  expect(transfer.isDone).toBe(false);
  transfer.link.settings = { ...transfer.link.settings, mtu: 1_328 };
  for (let ms = fromMs; ms < 60_000 && !transfer.isDone; ms += 10) {
    transfer.run(ms);
    const reason = transfer.sender.fallBackReason(transfer.clock.now);
    if (reason) reasons.add(reason);
    if (transfer.sender.stats.datagramBytes === 1_200) smallMs = Math.min(smallMs, ms - fromMs);
  }
  return { smallMs, reasons };
}

describe('a path that begins to lose large datagrams', () => {
  it.each([
    [1, 1],
    [20, 1],
    [100, 2],
    [300, 4],
  ])('of %i ms gets small ones within %i s, and is neither silent nor lossy', (rttMs, maxS) => {
    for (const maxRate of [undefined, 1e6]) {
      const link = { mbitPerSecond: 50, rttMs, queueBytes: 400_000 + rttMs * 6_250 };
      const transfer = new Transfer({ link, sizes, seed: 1, datagramBytes: 1_472, sender: { maxRate } });
      const { smallMs, reasons } = run(transfer, 150 + 3 * rttMs);
      expect(smallMs).toBeLessThan(1_000 * maxS);
      expect([...reasons]).toEqual([]);
      expect(transfer.isDone).toBe(true);
    }
  });

  it('carries the rest at the rate of the path: what was lost for its size does not slow the small ones', () => {
    const link = { mbitPerSecond: 100, rttMs: 20, queueBytes: 400_000 };
    const transfer = new Transfer({ link, sizes: [30e6], seed: 1, datagramBytes: 1_472 });
    const { smallMs } = run(transfer, 230);
    expect(smallMs).toBeLessThan(1_000);
    expect(transfer.mbitPerSecond).toBeGreaterThan(65);
    expect(transfer.sender.stats.backOffs).toBe(0);
  });
});
