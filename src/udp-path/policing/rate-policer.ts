/** Drops what a peer sends beyond the rate that it was told. To the peer this is loss, which makes it slower. */

/** The peer measures time, too, so it may be a little faster. */
const TOLERANCE = 1.1;

/** Time whose bytes may come at once, because networks and busy processes deliver in bursts. */
const BURST_S = 0.25;

const MIN_BURST_BYTES = 128 * 1024;

export class RatePolicer {
  readonly #rate: number;
  readonly #burst: number;
  #allowance: number;
  #filledUs: number;

  /** @param rate - bytes per second */
  constructor(rate: number, nowUs: number) {
    this.#rate = rate * TOLERANCE;
    this.#burst = Math.max(MIN_BURST_BYTES, this.#rate * BURST_S);
    this.#allowance = this.#burst;
    this.#filledUs = nowUs;
  }

  /** Whether a datagram is within the rate. */
  accept(bytes: number, nowUs: number): boolean {
    const filled = this.#allowance + ((nowUs - this.#filledUs) / 1e6) * this.#rate;
    this.#allowance = Math.min(this.#burst, filled);
    this.#filledUs = nowUs;
    if (this.#allowance < bytes) return false;
    this.#allowance -= bytes;
    return true;
  }
}
