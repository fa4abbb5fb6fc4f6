/**
 * The best value of a time window, such as the smallest delay of the last 12 s. A value that is followed by one at least as
 * good can never become the best again, so it is dropped; the others are in falling order of goodness. The cost of a value
 * does not depend on their number.
 */

interface Sample {
  readonly ms: number;
  readonly value: number;
}

/** Samples of a window at most: the peer chooses how often it reports. A closer one that is not better is not kept. */
const MAX_SAMPLES = 2_400;

export class WindowedBest {
  readonly #isBetter: (one: number, other: number) => boolean;
  #samples: Sample[] = [];

  /** @param isBetter - also for equal values */
  constructor(isBetter: (one: number, other: number) => boolean) {
    this.#isBetter = isBetter;
  }

  /** Undefined if there is none. */
  get value(): number | undefined {
    return this.#samples[0]?.value;
  }

  /** Adds a value, and forgets those that are older than the window. */
  add(value: number, nowMs: number, windowMs: number): void {
    const samples = this.#samples;
    while (isOlder(samples[0], nowMs - windowMs)) samples.shift();
    for (let last = samples.at(-1); last && this.#isBetter(value, last.value); last = samples.at(-1)) {
      samples.pop();
    }
    const last = samples.at(-1);
    if (!last || nowMs - last.ms >= windowMs / MAX_SAMPLES) samples.push({ ms: nowMs, value });
  }

  /** Replaces all samples by one. */
  reset(value: number, nowMs: number): void {
    this.#samples = [{ ms: nowMs, value }];
  }
}

function isOlder(sample: Sample | undefined, ms: number): boolean {
  return sample !== undefined && sample.ms < ms;
}
