/**
 * Limits how often a full queue is searched for settled requests. A search for each request that arrives would cost as
 * much as the queue is long, just when the server is overloaded.
 */

/** Requests that may be searched for each request that has arrived. */
const CHECKS_PER_REQUEST = 16;

export class PruneThrottle {
  /** Requests since the last search. */
  #arrivals = Infinity;

  arrived(): void {
    this.#arrivals += 1;
  }

  /** Whether a queue of this length may be searched now. If so, the count starts again. */
  isDue(length: number): boolean {
    if (this.#arrivals * CHECKS_PER_REQUEST < length) return false;
    this.#arrivals = 0;
    return true;
  }
}
