/** The bandwidth of the path: the highest delivery rate of the last round trips, in bytes per ms. */
import { WindowedBest } from '../../collections/windowed-best.js';

/** Time that a sample counts: 8 round trips, 500 ms at least. */
const ROUND_TRIPS = 8;
const MIN_MS = 500;

export class BandwidthFilter {
  readonly #highest = new WindowedBest((one, other) => one >= other);

  /** The highest sample; 0 if there is none. */
  get bytesPerMs(): number {
    return this.#highest.value ?? 0;
  }

  /** Adds a sample. Older ones only expire here, so that a pause does not make the sender forget the path. */
  add(bytesPerMs: number, nowMs: number, minRttMs: number): void {
    this.#highest.add(bytesPerMs, nowMs, Math.max(ROUND_TRIPS * minRttMs, MIN_MS));
  }

  /** Replaces all samples by one. */
  reset(bytesPerMs: number, nowMs: number): void {
    this.#highest.reset(bytesPerMs, nowMs);
  }
}
