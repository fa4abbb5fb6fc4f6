import { describe, expect, it } from 'vitest';
import type { PathSample } from '../../../src/udp/path/path-sample.js';
import { RateControl, type RateSettings } from '../../../src/udp/rate/rate-control.js';
import { sampleOf } from './samples.js';

function controlOf(settings: Partial<RateSettings> = {}): RateControl {
  return new RateControl({ datagramBytes: 1_000, rttMs: 100, reportMs: 25, random: () => 0.5, ...settings });
}

/** A control in cruise at 1,000 bytes per ms, and the next reports of it. */
function cruising() {
  const control = controlOf();
  let nowMs = 0;
  const report = (changes: Partial<PathSample> = {}) => {
    nowMs += 25;
    if (nowMs > 60_000) throw new Error(`Still in ${control.phase} after a minute.`);
    const sample = { nowMs, bytesPerMs: 1_000, received: 100, isRoundEnd: nowMs % 100 === 0 };
    control.onReport(sampleOf({ ...sample, ...changes }), false);
    return control;
  };
  while (control.phase !== 'cruise') report();
  return { control, report, now: () => nowMs };
}

describe('the rate', () => {
  it('starts with 32 datagrams a round trip, times 2.77 after the first report', () => {
    const control = controlOf();
    expect(control.rate(0)).toBe(320);
    control.onReport(sampleOf({ received: 10 }), false);
    expect(control.rate(0)).toBeCloseTo(320 * 2.77);
  });

  it('starts with a remembered rate and keeps it until it is measured', () => {
    const control = controlOf({ initialRate: 5_000 });
    control.onReport(sampleOf({ received: 10 }), false);
    expect(control.rate(0)).toBeCloseTo(5_000);
  });

  it('follows the delivery rate, but not that of a source without bytes', () => {
    const control = controlOf();
    control.onReport(sampleOf({ bytesPerMs: 2_000, received: 10 }), false);
    control.onReport(sampleOf({ nowMs: 2_000, bytesPerMs: 10, received: 10, isAppLimited: true }), false);
    expect(control.bandwidth).toBe(2_000);
    control.onReport(sampleOf({ nowMs: 3_000, bytesPerMs: 1_500, received: 10 }), false);
    expect(control.bandwidth).toBe(1_500);
  });

  it('leaves the start at a queue in two reports, or after three rounds without growth', () => {
    const queued = controlOf();
    for (const nowMs of [25, 50]) {
      expect(queued.phase).toBe('startup');
      queued.onReport(sampleOf({ nowMs, bytesPerMs: 1_000, queueMs: 11 }), false);
    }
    expect(queued.phase).toBe('drain');
    const flat = controlOf();
    for (const nowMs of [100, 200, 300, 400]) {
      expect(flat.phase).toBe('startup');
      flat.onReport(sampleOf({ nowMs, bytesPerMs: 1_000, isRoundEnd: true, received: 100 }), false);
    }
    expect(flat.phase).toBe('drain');
  });

  it('probes with 1.25 each 5 round trips, then relieves the queue with 0.75', () => {
    const { control, report, now } = cruising();
    const startMs = now();
    while (report().phase === 'cruise') expect(control.rate(0)).toBe(1_000);
    expect(now() - startMs).toBe(525);
    expect([control.phase, control.rate(0)]).toEqual(['up', 1_250]);
    while (control.phase === 'up') report();
    expect([control.phase, control.rate(0)]).toEqual(['down', 750]);
    while (control.phase === 'down') report();
    expect(control.phase).toBe('cruise');
  });

  it('is not lowered by losses that the path always has', () => {
    const { control, report } = cruising();
    for (let count = 0; count < 400; count += 1) report({ lost: 1, received: 99 });
    expect(control.standingLoss).toBeCloseTo(0.01, 2);
    expect(control.backOffs).toBe(0);
    expect(control.bandwidth).toBe(1_000);
  });

  it('is lowered to 0.7 by the second sign of congestion, and rises again in three seconds', () => {
    const { control, report } = cruising();
    while (control.backOffs === 0) report({ lost: 8, received: 92, queueMs: 6 });
    expect(control.bandwidth).toBeCloseTo(700, -1);
    for (let count = 0; count < 60; count += 1) report();
    expect(control.bandwidth).toBeGreaterThan(820);
    expect(control.bandwidth).toBeLessThan(880);
    for (let count = 0; count < 80; count += 1) report();
    expect(control.bandwidth).toBe(1_000);
  });

  it('is not lowered by a few losses of its own probe, which make the next probe rare', () => {
    const { control, report, now } = cruising();
    while (control.phase !== 'up') report();
    while (control.phase === 'up') report({ lost: 5, received: 95 });
    while (control.phase === 'down') report();
    const startMs = now();
    while (report().phase === 'cruise');
    expect(control.backOffs).toBe(0);
    expect(now() - startMs).toBeGreaterThanOrEqual(2_500);
  });

  it('is low while the queue is emptied to measure it', () => {
    const { control, now } = cruising();
    control.onReport(sampleOf({ nowMs: now() + 25, bytesPerMs: 1_000 }), true);
    expect(control.rate(0)).toBe(400);
  });

  it('is halved each 250 ms when reports are more than a second late', () => {
    const { control } = cruising();
    const rates = [0, 1_000, 1_001, 1_250, 1_500, 100_000].map((ageMs) => control.rate(ageMs));
    expect(rates).toEqual([1_000, 1_000, 500, 250, 125, 40]);
  });

  it('never exceeds its maximum', () => {
    const control = controlOf({ maxRate: 100 });
    control.onReport(sampleOf({ bytesPerMs: 2_000, received: 10 }), false);
    expect(control.rate(0)).toBe(100);
  });
});

describe('the bytes in flight', () => {
  it('are two round trips of the bandwidth and of a report, and more while a report is late', () => {
    const { control } = cruising();
    expect(control.maxInflightBytes(75)).toBe(2 * 1_000 * 125 + 8_000);
    expect(control.maxInflightBytes(76)).toBe(2 * 1_000 * 125 + 8_000 + 76_000);
    expect(control.maxInflightBytes(900)).toBe(2 * 1_000 * 125 + 8_000 + 500_000);
  });
});
