import { describe, expect, it } from 'vitest';
import type { LinkSettings } from './simulation/link.js';
import { Transfer } from './simulation/transfer.js';

const SEEDS = [1, 2, 3];
const link = { mbitPerSecond: 300, rttMs: 200, loss: 0.005 };

/** Half of what was measured on the link, in bytes per second. */
const REMEMBERED = 300e6 / 8 / 2;

function transfer(seed: number, path: LinkSettings, initialRate?: number): Transfer {
  const sizes = [path.mbitPerSecond < 100 ? 5_000_000 : 20_000_000];
  const run = new Transfer({ link: path, sizes, seed, sender: { initialRate } });
  expect(run.run(60_000)).toBe(true);
  return run;
}

describe('a path that begins at half of a remembered rate', () => {
  it.each(SEEDS)('carries 20 MB in less than two thirds of the time, seed %i', (seed) => {
    const first = transfer(seed, link);
    const second = transfer(seed, link, REMEMBERED);
    expect(second.elapsedMs).toBeLessThan(first.elapsedMs / 1.5);
    expect(second.extraDatagrams).toBeLessThan(0.02);
  });

  it.each([10, 30, 100])('loses at most its first round trip on a path of %i Mbit/s', (mbitPerSecond) => {
    for (const seed of SEEDS) {
      const path = { ...link, mbitPerSecond };
      const first = transfer(seed, path);
      const second = transfer(seed, path, REMEMBERED);
      const { lostDatagrams, sentDatagrams, sentBytes, bandwidth } = second.sender.stats;
      const lostBytes = lostDatagrams * (sentBytes / sentDatagrams);
      expect(second.elapsedMs).toBeLessThan(first.elapsedMs * 1.2);
      expect(lostBytes).toBeLessThan(1.3 * REMEMBERED * 0.2 + 0.05 * second.totalBytes);
      expect(bandwidth).toBeLessThan((mbitPerSecond * 1e6) / 8);
    }
  });

  it('does not begin more slowly than without a memory', () => {
    const first = transfer(1, link);
    const second = transfer(1, link, 1_000);
    expect(second.elapsedMs).toBeLessThan(first.elapsedMs * 1.2);
  });
});
