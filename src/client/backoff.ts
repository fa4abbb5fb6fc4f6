/**
 * Backoff, as arithmetic only: how long to wait before the next connection, and when to give up. Full jitter: any time
 * up to a bound that doubles, so that clients which lost the same server do not all come back at once.
 */

/** How patient a client is with a server that it has lost. */
export interface BackoffSettings {
  /** Connections that are tried without any progress in between. */
  readonly tries: number;
  /** Milliseconds without any progress. */
  readonly budgetMs: number;
  /** The bound of the first wait, in milliseconds. */
  readonly minDelayMs: number;
  /** The bound of every wait, in milliseconds. */
  readonly maxDelayMs: number;
}

/** The times of a backoff: what the system says, or a test. */
export interface Chance {
  /** Milliseconds since any moment. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
}

export class Backoff {
  readonly #settings: BackoffSettings;
  readonly #chance: Chance;
  #tries = 0;
  #troubleSince: number | undefined;

  constructor(settings: BackoffSettings, chance: Chance) {
    this.#settings = settings;
    this.#chance = chance;
  }

  /** Connections that were tried since the last progress. */
  get tries(): number {
    return this.#tries;
  }

  /** Counts a connection that is tried. */
  tried(): void {
    this.#tries += 1;
  }

  /** Something has moved: all that went wrong before is forgotten. */
  progressed(): void {
    this.#tries = 0;
    this.#troubleSince = undefined;
  }

  /** Whether another connection may be tried after one that was lost, or not made. The first loss starts the clock. */
  mayTry(): boolean {
    this.#troubleSince ??= this.#chance.now();
    const { tries, budgetMs } = this.#settings;
    return this.#tries < tries && this.#chance.now() - this.#troubleSince < budgetMs;
  }

  /** Milliseconds to wait before the next connection. */
  delayMs(): number {
    const { minDelayMs, maxDelayMs } = this.#settings;
    const bound = Math.min(maxDelayMs, minDelayMs * 2 ** Math.max(0, this.#tries - 1));
    return Math.floor(this.#chance.random() * bound);
  }
}
