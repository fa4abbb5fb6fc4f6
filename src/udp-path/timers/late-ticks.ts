/**
 * Tells when a process may judge the silence of its peer: not just after a pause, such as a stopped process, because what
 * the peer has sent meanwhile is read first. A process that is always late judges, too, between pauses that are not counted.
 */

/** Ticks without a judgement after a late one. */
const SKIPPED_TICKS = 4;

export class LateTicks {
  readonly #maxIntervalMs: number;
  #lastMs: number;
  #toSkip = 0;

  /** @param maxIntervalMs - a tick that comes later is late */
  constructor(maxIntervalMs: number, nowMs: number) {
    this.#maxIntervalMs = maxIntervalMs;
    this.#lastMs = nowMs;
  }

  /** Adds a tick. Returns whether it may judge. */
  add(nowMs: number): boolean {
    const isLate = nowMs - this.#lastMs > this.#maxIntervalMs;
    this.#lastMs = nowMs;
    if (this.#toSkip > 0) this.#toSkip -= 1;
    else if (isLate) this.#toSkip = SKIPPED_TICKS;
    return this.#toSkip === 0;
  }
}
