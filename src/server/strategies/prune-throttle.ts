/**
 * Look-through: a full queue may hold requests that were answered meanwhile, and nobody tells which. To look for them
 * whenever one comes that finds no room would cost as much as the queue is long, just when there is too much to do.
 */

/** Requests that are looked at for each that has come. */
const LOOKS_PER_REQUEST = 16;

export class PruneThrottle {
  /** Requests that have come since the last look. */
  #arrivals = Infinity;

  /** A request has come. */
  arrived(): void {
    this.#arrivals += 1;
  }

  /** Whether it is time to look at all of so many. Then the time begins anew. */
  isDue(length: number): boolean {
    if (this.#arrivals * LOOKS_PER_REQUEST < length) return false;
    this.#arrivals = 0;
    return true;
  }
}
