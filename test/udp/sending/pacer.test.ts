import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../src/udp/sending/pacer.js';
import { PathHealth } from '../../../src/udp/sending/path-health.js';

describe('the pacer', () => {
  const waiting = { datagramBytes: 1_000, isLate: true };

  it('lets as much pass as the rate brings, and tells when more may', () => {
    const pacer = new Pacer();
    pacer.fill(5_000, 500, waiting);
    expect(pacer.has(1)).toBe(false);
    pacer.fill(8_000, 500, waiting);
    expect([pacer.has(1_500), pacer.has(1_501)]).toEqual([true, false]);
    pacer.spend(1_000);
    expect(pacer.waitUs(1_000, 500)).toBe(1_000);
  });

  it.each([
    [500, 16_000],
    [10_000, 40_000],
  ])('holds 4 ms of %i bytes per ms, 16 datagrams at least', (rate, bytes) => {
    const pacer = new Pacer();
    pacer.fill(0, rate, waiting);
    pacer.fill(1e9, rate, waiting);
    expect([pacer.has(bytes), pacer.has(bytes + 1)]).toEqual([true, false]);
  });

  it.each([
    ['catches up on a late call by a quarter more than the rate', true, 12_500],
    ['does not catch up on a time in which nothing waited', false, 10_000],
  ])('%s', (_, isLate, bytes) => {
    const pacer = new Pacer();
    pacer.fill(0, 10_000, waiting);
    pacer.fill(20_000, 10_000, { datagramBytes: 1_000, isLate });
    pacer.spend(40_000);
    pacer.fill(21_000, 10_000, waiting);
    expect([pacer.has(bytes), pacer.has(bytes + 1)]).toEqual([true, false]);
  });

  it('catches up on 40 ms at most', () => {
    const pacer = new Pacer();
    pacer.fill(0, 1_000, waiting);
    pacer.fill(1e6, 1_000, waiting);
    let sent = 0;
    for (let ms = 1; ms <= 1_000; ms += 1) {
      pacer.fill(1e6 + ms * 1_000, 1_000, waiting);
      while (pacer.has(100)) {
        pacer.spend(100);
        sent += 100;
      }
    }
    expect(sent - 1_000_000).toBeLessThanOrEqual(16_000 + 40_000);
    expect(sent - 1_000_000).toBeGreaterThan(16_000 + 35_000);
  });
});

describe('a path', () => {
  const resolved = { received: 0, lost: 0, receivedLarge: 0, lostLarge: 0 };

  it('is silent without an arrival for 3 s, or 10 round trips', () => {
    const health = new PathHealth();
    health.onStart(1e6);
    health.onReport({ ...resolved, lost: 1 }, false, 2e6);
    expect(health.fallBackReason(4e6, 20_000)).toBeUndefined();
    expect(health.fallBackReason(4e6 + 1, 20_000)).toBe('silent');
    expect(health.fallBackReason(4e6 + 1, 400_000)).toBeUndefined();
  });

  it('is lossy when more than half is lost over 5 s', () => {
    const health = new PathHealth();
    health.onReport({ ...resolved, lost: 60, received: 40 }, true, 4e6);
    expect(health.fallBackReason(4e6, 20_000)).toBeUndefined();
    health.onReport(resolved, true, 5e6);
    expect(health.fallBackReason(5e6, 20_000)).toBe('lossy');
    health.onReport({ ...resolved, lost: 40, received: 60 }, true, 10e6);
    expect(health.fallBackReason(10e6, 20_000)).toBeUndefined();
  });

  it('is a black hole for large datagrams after three reports in which none arrived', () => {
    const health = new PathHealth();
    const lost = { ...resolved, received: 5, lostLarge: 1 };
    for (const report of [lost, lost, { ...lost, receivedLarge: 1 }, lost, resolved, lost]) {
      health.onReport(report, true, 0);
      expect(health.takeBlackHole(0)).toBe(false);
    }
    health.onReport(lost, true, 0);
    expect([health.takeBlackHole(0), health.takeBlackHole(0)]).toEqual([true, false]);
  });

  it('is not silent before smaller datagrams have had half of the time to arrive', () => {
    const health = new PathHealth();
    health.onStart(0);
    for (const ms of [2_600, 2_700, 2_800])
      health.onReport({ ...resolved, lostLarge: 9, lost: 9 }, false, ms * 1_000);
    expect(health.takeBlackHole(2.8e6)).toBe(true);
    expect(health.fallBackReason(4.2e6, 20_000)).toBeUndefined();
    expect(health.fallBackReason(4.4e6, 20_000)).toBe('silent');
  });
});
