/**
 * The shortest round trip that a connection has shown. Nobody is asked for it: a byte that needs a grant comes a round
 * trip after that was given, or later. What is measured is therefore never too short, and the shortest is the best.
 */
import { systemClock, type Clock } from '../../clock.js';

export class MinRtt {
  /** The clock by which it is measured. */
  readonly now: Clock;
  #shortestMs: number | undefined;

  constructor(now: Clock = systemClock) {
    this.now = now;
  }

  /** Takes what was measured once. */
  measured(ms: number): void {
    this.#shortestMs = Math.min(this.#shortestMs ?? Infinity, ms);
  }

  /** Whether so long a time is within one round trip; false while none has been seen. */
  isWithin(ms: number): boolean {
    return this.#shortestMs !== undefined && ms <= this.#shortestMs;
  }
}
