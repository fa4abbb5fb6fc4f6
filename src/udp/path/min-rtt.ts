/** The shortest round trip of the last 30 to 60 s: long enough to contain an empty path, short enough for a new route. */

const PERIOD_US = 30_000_000;

/** A round trip that takes longer is none: the numbers have wrapped. */
const MAX_RTT_US = 60_000_000;

export class MinRtt {
  /** The last round trip in us. */
  lastUs: number;
  #presentUs: number;
  #beforeUs: number;
  #periodEndUs = Infinity;

  /** @param rttUs - the round trip of the handshake */
  constructor(rttUs: number) {
    this.lastUs = rttUs;
    this.#presentUs = rttUs;
    this.#beforeUs = rttUs;
  }

  get us(): number {
    return Math.min(this.#presentUs, this.#beforeUs);
  }

  /** Adds a round trip, in us modulo 2^32. */
  add(rttUs: number, nowUs: number): void {
    if (rttUs > MAX_RTT_US) return;
    if (this.#periodEndUs === Infinity) this.#periodEndUs = nowUs + PERIOD_US;
    if (nowUs >= this.#periodEndUs) {
      this.#beforeUs = this.#presentUs;
      this.#presentUs = rttUs;
      this.#periodEndUs = nowUs + PERIOD_US;
    }
    this.lastUs = rttUs;
    this.#presentUs = Math.min(this.#presentUs, rttUs);
  }
}
