/**
 * A time limit for signs that the other end is at work on a channel. Signs without progress, such as acks that acknowledge
 * nothing, start it again, but only for a limited time: an end that never finishes can send them without end.
 */

/** The counters of a channel. A sign of life increases `activity`; `progress` only increases with bytes. */
export interface ChannelCounters {
  readonly activity: number;
  readonly progress: number;
}

export class ActivityLimit {
  readonly limitMs: number;
  readonly #ceilingMs: number;
  #activity = -1;
  #activeMs = 0;
  #progress = -1;
  #progressMs = 0;

  /** @param extensions - how many times the limit signs without progress can last */
  constructor(limitMs: number, extensions: number) {
    this.limitMs = limitMs;
    this.#ceilingMs = limitMs * extensions;
  }

  /** Returns the time without a sign, or without progress, that is too long, in milliseconds. */
  exceeded(nowMs: number, { activity, progress }: ChannelCounters): number | undefined {
    if (activity !== this.#activity || progress !== this.#progress) this.#activeMs = nowMs;
    if (progress !== this.#progress) this.#progressMs = nowMs;
    this.#activity = activity;
    this.#progress = progress;
    if (nowMs - this.#progressMs >= this.#ceilingMs) return this.#ceilingMs;
    return nowMs - this.#activeMs >= this.limitMs ? this.limitMs : undefined;
  }
}
