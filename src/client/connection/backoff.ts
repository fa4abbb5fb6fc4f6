/**
 * Backoff as arithmetic only: the delay before the next connection, and when to give up. Full jitter: a random delay up
 * to a bound that doubles with each attempt, so that the clients of a lost server do not all return at once.
 */
import { systemClock, type Clock } from '../../clock.js';

/** The limits of reconnecting. */
export interface BackoffSettings {
  /** Attempts without progress in between. */
  readonly maxAttempts: number;
  /** Time without progress, in ms. */
  readonly maxElapsedMs: number;
  /** Upper bound of the first delay, in ms. */
  readonly minDelayMs: number;
  /** Upper bound of every delay, in ms. */
  readonly maxDelayMs: number;
}

export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #clock: Clock;
  readonly #random: () => number;
  #attempts = 0;
  #failingSinceMs: number | undefined;

  constructor(settings: BackoffSettings, { clock = systemClock, random = Math.random } = {}) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /** Attempts since the last progress. */
  get attempts(): number {
    return this.#attempts;
  }

  recordAttempt(): void {
    this.#attempts += 1;
  }

  /** Starts over after progress. */
  reset(): void {
    this.#attempts = 0;
    this.#failingSinceMs = undefined;
  }

  /**
   * Whether another attempt is allowed after a failure, in `afterMs` at the earliest. The first call after progress starts the
   * clock.
   */
  canRetry(afterMs = 0): boolean {
    this.#failingSinceMs ??= this.#clock();
    const { maxAttempts, maxElapsedMs } = this.#settings;
    return this.#attempts < maxAttempts && this.#clock() - this.#failingSinceMs + afterMs < maxElapsedMs;
  }

  /**
   * The delay before the next attempt, in ms: `afterMs`, which the server has asked for, and a random part, whose upper bound
   * is at least `jitterMs`.
   */
  delayMs(afterMs = 0, jitterMs = 0): number {
    const { minDelayMs, maxDelayMs } = this.#settings;
    const doubled = minDelayMs * 2 ** Math.max(0, this.#attempts - 1);
    const bound = Math.min(maxDelayMs, Math.max(jitterMs, doubled));
    return afterMs + Math.floor(this.#random() * bound);
  }
}
