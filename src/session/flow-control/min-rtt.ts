/**
 * The shortest round trip of a connection. It is measured without extra frames: the first byte that needs a grant
 * arrives at least one round trip after the grant was sent.
 */
import { systemClock, type Clock } from '../../clock.js';

export class MinRtt {
  readonly now: Clock;
  #shortestMs: number | undefined;

  constructor(now: Clock = systemClock) {
    this.now = now;
  }

  record(ms: number): void {
    this.#shortestMs = Math.min(this.#shortestMs ?? Infinity, ms);
  }

  /** Whether a time is at most one round trip. False while none was measured. */
  isWithin(ms: number): boolean {
    return this.#shortestMs !== undefined && ms <= this.#shortestMs;
  }
}
