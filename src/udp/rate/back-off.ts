/**
 * The response to congestion. The first sign only lets the queue drain for a round trip. A second sign within a second, or a
 * heavy one, lowers a ceiling of the rate to 0.7, which then rises linearly as that of a TCP sender would.
 */
import type { PathSample } from '../path/path-sample.js';

/** The factor of the ceiling, and the time in ms in which it rises to where it was. */
const FACTOR = 0.7;
const RECOVERY_MS = 3_000;

/** Time in ms after which the ceiling is lifted. */
const LIFTED_AFTER_MS = 10_000;

/** The gain while the queue drains after the first sign. */
const DRAIN_GAIN = 0.85;

/** A single measurement counts at least this part of the bandwidth: after a pause of the sender it is far too low. */
const MIN_SAMPLE_PART = 0.85;

export class BackOff {
  /** Times that the ceiling was lowered. */
  count = 0;
  /** When it was lowered last, in ms. */
  lastMs = -Infinity;
  #ceiling = Infinity;
  #risePerMs = 0;
  #risenMs = 0;
  #warnedMs = -Infinity;
  #drainsUntilMs = -Infinity;
  #ignoresUntilMs = -Infinity;

  /** The bandwidth under the ceiling, which rises. */
  limit(bandwidth: number, nowMs: number): number {
    this.#ceiling += this.#risePerMs * Math.min(1_000, nowMs - this.#risenMs);
    this.#risenMs = nowMs;
    if (nowMs - this.lastMs > LIFTED_AFTER_MS) this.#ceiling = Infinity;
    return Math.min(bandwidth, this.#ceiling);
  }

  /** Whether the ceiling, not the path, sets the rate. */
  limits(bandwidth: number): boolean {
    return bandwidth >= this.#ceiling;
  }

  /** Whether measurements are of what was sent before the ceiling was lowered. */
  ignoresSamples(nowMs: number): boolean {
    return nowMs <= this.#ignoresUntilMs;
  }

  /** The gain, lowered while the queue drains. */
  gain(gain: number, nowMs: number): number {
    return nowMs < this.#drainsUntilMs ? Math.min(gain, DRAIN_GAIN) : gain;
  }

  /** Sends a little less for a round trip, until the queue is short. */
  drain({ nowMs, minRttMs }: PathSample): void {
    this.#drainsUntilMs = nowMs + minRttMs;
  }

  /** There is congestion. Returns the bandwidth from which the ceiling was lowered, or `undefined` if it was not. */
  onCongestion(sample: PathSample, bandwidth: number, isHeavy: boolean): number | undefined {
    const { nowMs, minRttMs, reportMs } = sample;
    const isFirstSign = nowMs - this.#warnedMs > 1_000 + 2 * minRttMs && !isHeavy;
    this.#warnedMs = nowMs;
    if (isFirstSign) {
      this.drain(sample);
      return undefined;
    }
    if (nowMs - this.lastMs <= 2 * minRttMs + reportMs + 50) return undefined;
    const measured = sample.bytesPerMs || bandwidth;
    const reached = Math.min(bandwidth, Math.max(measured, MIN_SAMPLE_PART * bandwidth));
    this.#ceiling = reached * FACTOR;
    this.#risePerMs = (reached * (1 - FACTOR)) / RECOVERY_MS;
    this.#ignoresUntilMs = nowMs + minRttMs + 100;
    this.lastMs = nowMs;
    this.count += 1;
    return reached;
  }
}
