/**
 * Corrects a bandwidth that is too high. While a queue stands, the path delivers as fast as it can: what arrives on average
 * in that time is its rate, and more precise than the highest of short measurements, in which late processes make bytes
 * arrive closer together. Only of what the sender sends as fast as it may: otherwise others make the queue stand.
 */
import { queueTargetMs, type PathSample } from '../path/path-sample.js';

/** A queue stands while its delay is above this part of the target. */
const STANDING_PART = 0.7;

/** Time in ms, and round trips, in which a queue must stand. */
const MIN_MS = 100;
const ROUND_TRIPS = 1.5;

export class StandingQueue {
  #bytes = 0;
  #ms = 0;

  /** Adds a sample. Returns bytes per ms if a queue has stood for long enough, once; `undefined` otherwise. */
  add(sample: PathSample, isCruising: boolean): number | undefined {
    if (!isCruising || sample.isAppLimited || sample.queueMs < STANDING_PART * queueTargetMs(sample)) {
      this.#restart();
      return undefined;
    }
    this.#bytes += sample.arrivedBytes;
    this.#ms += sample.arrivalMs;
    if (this.#ms < Math.max(MIN_MS, ROUND_TRIPS * sample.minRttMs)) return undefined;
    const bytesPerMs = this.#bytes / this.#ms;
    this.#restart();
    return bytesPerMs;
  }

  #restart(): void {
    this.#bytes = this.#ms = 0;
  }
}
