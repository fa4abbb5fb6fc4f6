import { expect, it } from 'vitest';
import { LocalRate } from '../../../src/udp/sending/local-rate.js';
import { sampleOf } from '../rate/samples.js';

const SETTINGS = { datagramBytes: 1_000, maxInflightBytes: 100_000 };

it('a queue and a lower delivery rate do not slow down a local sender', () => {
  const local = new LocalRate(SETTINGS);
  const rate = local.rate();
  for (let nowMs = 10; nowMs < 1_000; nowMs += 10)
    local.onReport(sampleOf({ nowMs, queueMs: 50, bytesPerMs: 10, received: 5 }));
  expect(local.rate()).toBe(rate);
  expect(local.maxInflightBytes()).toBe(100_000);
  expect(local.backOffs).toBe(0);
});

it('the losses of one round trip lower the bytes in flight once', () => {
  const local = new LocalRate(SETTINGS);
  for (const nowMs of [1, 2, 3]) local.onReport(sampleOf({ nowMs, rttMs: 10, lost: 3 }));
  expect(local.maxInflightBytes()).toBe(70_000);
  local.onReport(sampleOf({ nowMs: 20, rttMs: 10, lost: 3 }));
  expect(local.maxInflightBytes()).toBe(49_000);
  expect(local.backOffs).toBe(2);
});

it('each report without a loss raises them by a datagram, up to the limit', () => {
  const local = new LocalRate(SETTINGS);
  local.onReport(sampleOf({ nowMs: 1, lost: 1 }));
  local.onReport(sampleOf({ nowMs: 2, received: 1 }));
  expect(local.maxInflightBytes()).toBe(71_000);
  for (let nowMs = 3; nowMs < 100; nowMs += 1) local.onReport(sampleOf({ nowMs, received: 1 }));
  expect(local.maxInflightBytes()).toBe(100_000);
});

it('four datagrams remain', () => {
  const local = new LocalRate(SETTINGS);
  for (let nowMs = 0; nowMs < 10_000; nowMs += 100) local.onReport(sampleOf({ nowMs, rttMs: 1, lost: 9 }));
  expect(local.maxInflightBytes()).toBe(4_000);
});

it('a limit of the rate holds on one host, too', () => {
  expect(new LocalRate({ ...SETTINGS, maxRate: 50 }).rate()).toBe(50);
});

it('no limit of the rate is a finite rate, which can be multiplied by no time', () => {
  expect(new LocalRate({ ...SETTINGS, maxRate: Infinity }).rate()).toBe(new LocalRate(SETTINGS).rate());
});
