/** The bandwidth of the path: the highest delivery rate of the last round trips, in bytes per ms. */

/** Time that a sample counts: 8 round trips, 500 ms at least. */
const ROUND_TRIPS = 8;
const MIN_MS = 500;

interface Sample {
  readonly ms: number;
  readonly bytesPerMs: number;
}

export class BandwidthFilter {
  /** Samples that may become the highest, in falling order. */
  #samples: Sample[] = [];

  /** The highest sample; 0 if there is none. */
  get bytesPerMs(): number {
    return this.#samples[0]?.bytesPerMs ?? 0;
  }

  /** Adds a sample. Older ones only expire here, so that a pause does not make the sender forget the path. */
  add(bytesPerMs: number, nowMs: number, minRttMs: number): void {
    const oldestMs = nowMs - Math.max(ROUND_TRIPS * minRttMs, MIN_MS);
    this.#samples = this.#samples.filter((sample) => sample.ms >= oldestMs && sample.bytesPerMs > bytesPerMs);
    this.#samples.push({ ms: nowMs, bytesPerMs });
  }

  /** Replaces all samples by one. */
  reset(bytesPerMs: number, nowMs: number): void {
    this.#samples = [{ ms: nowMs, bytesPerMs }];
  }
}
