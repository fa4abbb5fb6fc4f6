import type { PathSample } from '../../../src/udp/path/path-sample.js';

/** A report of a path of 100 ms without a queue: its target is 10 ms. */
export function sampleOf(changes: Partial<PathSample> = {}): PathSample {
  const path = { nowMs: 0, rttMs: 100, minRttMs: 100, reportMs: 25, queueMs: 0 };
  const result = { bytesPerMs: 0, isAppLimited: false, lost: 0, received: 0, isRoundEnd: false };
  return { ...path, arrivedBytes: 0, arrivalMs: 0, ...result, ...changes };
}
