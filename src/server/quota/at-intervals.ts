/** Reports of progress that many requests wait for: each entry of a listing is progress, and each report calls them all. */
import type { Clock } from '../../clock.js';

/** Much shorter than the interval between two acks. */
const INTERVAL_MS = 50;

/** Returns a function that calls `report`, unless it did so in the last 50 ms. */
export function atIntervals(report: () => void, now: Clock): () => void {
  let reportedAt = -Infinity;
  return () => {
    const at = now();
    if (at - reportedAt < INTERVAL_MS) return;
    reportedAt = at;
    report();
  };
}
