/**
 * Limits how often a full queue is searched for settled requests. A search for each request that finds the queue full
 * would cost as much as the queue is long, exactly when the server is overloaded.
 */

/** Queued requests that a search may examine for each request that has arrived. */
const LOOKS_PER_REQUEST = 16;

export class PruneThrottle {
  /** Requests that have arrived since the last search. */
  #arrivals = Infinity;

  /** A request has arrived. */
  onArrival(): void {
    this.#arrivals += 1;
  }

  /** Whether a queue of this length may be searched now. If so, the count of arrivals starts at 0 again. */
  isDue(length: number): boolean {
    if (this.#arrivals * LOOKS_PER_REQUEST < length) return false;
    this.#arrivals = 0;
    return true;
  }
}
