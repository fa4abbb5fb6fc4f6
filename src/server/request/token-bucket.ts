/** A token bucket: `burst` tokens at once, and `perSecond` more each second. */
import { systemClock, type Clock } from '../../clock.js';

export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: Clock;
  #left: number;
  #since: number;

  constructor(rule: { burst: number; perSecond: number }, now: Clock = systemClock) {
    this.#burst = rule.burst;
    this.#perSecond = rule.perSecond;
    this.#now = now;
    this.#left = rule.burst;
    this.#since = now();
  }

  /** Takes a token. False if there is none. */
  take(): boolean {
    const now = this.#now();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#since) / 1_000) * this.#perSecond);
    this.#since = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
