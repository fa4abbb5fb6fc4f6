/**
 * Backoff, as arithmetic only: how long to wait before the next connection, and when to give up. Full jitter: any time
 * up to a bound that doubles, so that clients which lost the same server do not all come back at once.
 */
import { systemClock, type Clock } from '../../clock.js';

/** How patient a client is with a server that it has lost. */
export interface BackoffSettings {
  /** Connections that are tried without any progress in between. */
  readonly maxAttempts: number;
  /** Milliseconds without any progress. */
  readonly maxElapsedMs: number;
  /** The bound of the first wait, in milliseconds. */
  readonly minDelayMs: number;
  /** The bound of every wait, in milliseconds. */
  readonly maxDelayMs: number;
}

export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #clock: Clock;
  readonly #random: () => number;
  #tries = 0;
  #troubleSince: number | undefined;

  constructor(settings: BackoffSettings, { clock = systemClock, random = Math.random } = {}) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /** Connections that were tried since the last progress. */
  get attempts(): number {
    return this.#tries;
  }

  /** Counts a connection that is tried. */
  recordAttempt(): void {
    this.#tries += 1;
  }

  /** Something has moved: all that went wrong before is forgotten. */
  reset(): void {
    this.#tries = 0;
    this.#troubleSince = undefined;
  }

  /** Whether another connection may be tried after one that was lost, or not made. The first loss starts the clock. */
  canRetry(): boolean {
    this.#troubleSince ??= this.#clock();
    const { maxAttempts, maxElapsedMs } = this.#settings;
    return this.#tries < maxAttempts && this.#clock() - this.#troubleSince < maxElapsedMs;
  }

  /** Milliseconds to wait before the next connection. */
  delayMs(): number {
    const { minDelayMs, maxDelayMs } = this.#settings;
    const bound = Math.min(maxDelayMs, minDelayMs * 2 ** Math.max(0, this.#tries - 1));
    return Math.floor(this.#random() * bound);
  }
}
