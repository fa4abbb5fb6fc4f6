/** A time limit for a peer. Time in which this process was busy or stopped does not count, see `ticker.ts`. */
import type { Clock } from '../../clock.js';
import { Ticker } from './ticker.js';

/** After a late timer, the peer gets at least one more part of the time. */
const PARTS = 4;

export class Deadline {
  readonly #ticker: Ticker;
  #leftMs: number;

  /** @param onExpired - called once, unless the deadline is stopped before */
  constructor(ms: number, onExpired: () => void, now?: Clock) {
    this.#leftMs = ms;
    const partMs = Math.max(1, Math.ceil(ms / PARTS));
    const onTick = (passedMs: number): void => {
      this.#leftMs -= passedMs;
      if (this.#leftMs > 0) return;
      this.stop();
      onExpired();
    };
    this.#ticker = new Ticker(partMs, onTick, now);
  }

  stop(): void {
    this.#ticker.stop();
  }

  /** Keeps the process alive. The default. */
  ref(): this {
    this.#ticker.ref();
    return this;
  }

  unref(): this {
    this.#ticker.unref();
    return this;
  }
}
