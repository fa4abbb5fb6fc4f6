import { describe, expect, it } from 'vitest';
import { reportIntervalUs } from '../../src/udp/udp-receiver.js';
import { links } from './simulation/links.js';
import { Transfer } from './simulation/transfer.js';

/** Part of the measured rate that the simulation must reach. */
const MARGIN = 0.95;

describe('a large transfer', { timeout: 60_000 }, () => {
  it.each(links)('fills link $name with few extra datagrams and bounded memory', (named) => {
    const { link, megabytes, measured, maxExtra } = named;
    const transfer = new Transfer({ link, sizes: [megabytes * 1e6], seed: 1 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.mbitPerSecond).toBeGreaterThan(measured * MARGIN);
    expect(transfer.extraDatagrams).toBeLessThan(maxExtra);
    expect(transfer.receiver.lateArrivals).toBe(0);
    const reportMs = reportIntervalUs(link.rttMs * 1_000) / 1_000;
    const inFlightBytes = 4.5 * (link.mbitPerSecond * 125) * (link.rttMs + reportMs);
    expect(transfer.maxRetainedBytes).toBeLessThan(inFlightBytes);
    expect(transfer.maxReassemblyBytes).toBeLessThan(inFlightBytes);
    expect(transfer.link.queueUs / transfer.link.packets).toBeLessThan(50_000);
  });

  it('with the window of an upload loses little to credit that comes in small parts', () => {
    const { link, megabytes } = links[3]!;
    const rates = [4, 16].map((acksPerWindow) => {
      const windowBytes = 14 * 2 ** 20;
      const transfer = new Transfer({ link, sizes: [megabytes * 1e6], seed: 1, windowBytes, acksPerWindow });
      expect(transfer.run(60_000)).toBe(true);
      return transfer.mbitPerSecond;
    });
    expect(rates[1]).toBeGreaterThan(160);
    expect(rates[1]).toBeGreaterThan(1.05 * rates[0]!);
  });

  it('is the same for the same seed', () => {
    const run = (seed: number) => {
      const link = { mbitPerSecond: 50, rttMs: 30, loss: 0.01, jitterMs: 2, reorders: true };
      const transfer = new Transfer({ link, sizes: [5e6], seed });
      transfer.run(60_000);
      return [transfer.elapsedMs, transfer.sender.stats.sentDatagrams];
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });
});

describe('a difficult path', { timeout: 60_000 }, () => {
  const path = { mbitPerSecond: 100, rttMs: 100, loss: 0.001 };
  const sizes = [40e6];

  it('with jitter keeps its rate', () => {
    const transfer = new Transfer({ link: { ...path, jitterMs: 10 }, sizes, seed: 2 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.mbitPerSecond).toBeGreaterThan(60);
    expect(transfer.extraDatagrams).toBeLessThan(0.08);
  });

  it('that changes the order makes few datagrams be sent twice', () => {
    const transfer = new Transfer({ link: { ...path, jitterMs: 10, reorders: true }, sizes, seed: 3 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.mbitPerSecond).toBeGreaterThan(55);
    expect(transfer.extraDatagrams).toBeLessThan(0.08);
  });

  it('that changes the order by more than the window makes the window grow', () => {
    const transfer = new Transfer({ link: { ...path, jitterMs: 40, reorders: true }, sizes, seed: 4 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.receiver.lateArrivals).toBeGreaterThan(0);
    expect(transfer.mbitPerSecond).toBeGreaterThan(30);
    expect(transfer.extraDatagrams).toBeLessThan(0.1);
  });

  it('with losses in bursts keeps its rate', () => {
    const transfer = new Transfer({ link: { ...path, loss: 0.01, burst: 5 }, sizes, seed: 5 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.mbitPerSecond).toBeGreaterThan(60);
    expect(transfer.extraDatagrams).toBeLessThan(0.08);
  });

  it('that doubles datagrams delivers each byte once', () => {
    const transfer = new Transfer({ link: { ...path, duplication: 0.05 }, sizes, seed: 6 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.receiver.duplicates).toBeGreaterThan(1_000);
    expect(transfer.received.receivedBytes).toBe(sizes[0]);
    expect(transfer.mbitPerSecond).toBeGreaterThan(60);
  });

  it.each([
    ['a', { mbitPerSecond: 100, rttMs: 20 }],
    ['b', path],
    ['h', { mbitPerSecond: 100, rttMs: 20, loss: 0.001 }],
  ])('keeps its rate between processes that pause at times, as on link %s', (_, link) => {
    const pauses = { everyMs: 15, maxMs: 6, costUs: 20 };
    const rates = [1, 2, 3].map((seed) => {
      const both = { sender: pauses, receiver: pauses };
      const transfer = new Transfer({ link, sizes: [60e6], seed, pauses: both });
      expect(transfer.run(60_000)).toBe(true);
      expect(transfer.extraDatagrams).toBeLessThan(0.05);
      return transfer.mbitPerSecond;
    });
    expect(Math.min(...rates)).toBeGreaterThan(80);
  });

  it('whose reports stall for two seconds does not send everything again', () => {
    const transfer = new Transfer({ link: path, sizes, seed: 7, stallMs: [1_500, 3_500] });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.extraDatagrams).toBeLessThan(0.1);
    expect(transfer.elapsedMs).toBeLessThan(9_000);
  });

  it('through which no large datagram fits gets small ones', () => {
    const link = { mbitPerSecond: 20, rttMs: 40, mtu: 1_300 };
    const transfer = new Transfer({ link, sizes: [2e6, 2e6], seed: 8 });
    expect(transfer.run(20_000)).toBe(true);
    expect(transfer.sender.stats.datagramBytes).toBe(1_200);
    expect(transfer.elapsedMs).toBeLessThan(5_000);
  });

  it('that becomes ten times slower does not lose more than it carries', () => {
    const transfer = new Transfer({ link: { ...path, rttMs: 40 }, sizes, seed: 9 });
    transfer.clock.after(1_500_000, () => {
      transfer.link.settings = { ...transfer.link.settings, mbitPerSecond: 10, queueBytes: 100_000 };
    });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.elapsedMs).toBeLessThan(30_000);
    expect(transfer.extraDatagrams).toBeLessThan(0.15);
  });

  it('that is down for a second is used again', () => {
    const transfer = new Transfer({ link: { ...path, rttMs: 20 }, sizes, seed: 10 });
    transfer.clock.after(1_000_000, () => (transfer.link.isDown = true));
    transfer.clock.after(2_000_000, () => (transfer.link.isDown = false));
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.elapsedMs).toBeLessThan(7_000);
    expect(transfer.sender.fallBackReason(transfer.clock.now)).toBeUndefined();
  });

  it('that stays down is reported as silent after three seconds, with all that did not arrive', () => {
    const transfer = new Transfer({ link: { ...path, rttMs: 20 }, sizes, seed: 11 });
    transfer.clock.after(1_000_000, () => (transfer.link.isDown = true));
    transfer.run(3_900);
    expect(transfer.sender.fallBackReason(transfer.clock.now)).toBeUndefined();
    transfer.run(4_400);
    expect(transfer.sender.fallBackReason(transfer.clock.now)).toBe('silent');
    for (const { channelId, offset, bytes } of transfer.sender.unacknowledged()) {
      transfer.received.add(channelId, offset, Buffer.from(bytes));
    }
    expect(transfer.received.receivedBytes).toBe(transfer.sentBodyBytes);
    expect(transfer.received.receivedBytes).toBeLessThan(sizes[0]!);
  });
});

describe('a sender without a limit of its own', { timeout: 60_000 }, () => {
  it('keeps to a maximum rate', () => {
    const link = { mbitPerSecond: 100, rttMs: 20 };
    const transfer = new Transfer({ link, sizes: [10e6], seed: 12, sender: { maxRate: 2.5e6 } });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.mbitPerSecond).toBeLessThan(20.2);
    expect(transfer.mbitPerSecond).toBeGreaterThan(18);
  });

  it('keeps to the window of each body', () => {
    const link = { mbitPerSecond: 100, rttMs: 100, loss: 0.01 };
    const transfer = new Transfer({ link, sizes: [5e6, 5e6, 5e6], seed: 13, windowBytes: 300_000 });
    expect(transfer.run(60_000)).toBe(true);
    expect(transfer.maxReassemblyBytes).toBeLessThanOrEqual(3 * 6 * 65_536);
  });

  it('reaches the rate sooner when it knows the path', () => {
    const link = { mbitPerSecond: 100, rttMs: 100 };
    const run = (sender: object) => {
      const transfer = new Transfer({ link, sizes: [10e6], seed: 14, sender });
      expect(transfer.run(60_000)).toBe(true);
      return transfer;
    };
    const first = run({});
    const snapshot = first.sender.snapshot()!;
    expect(snapshot.rttUs).toBeGreaterThanOrEqual(100_000);
    expect(snapshot.bandwidth * 8).toBeGreaterThan(80e6);
    const second = run({ initialRate: snapshot.bandwidth / 2 });
    expect(second.elapsedMs).toBeLessThan(first.elapsedMs - 200);
    expect(second.extraDatagrams).toBeLessThan(0.15);
  });
});
