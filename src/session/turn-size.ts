/**
 * How many of the bytes that have come are taken in at once, so that there is about a group of requests in them. While
 * the peer works with the answers to one group, this end works on the next; if all that came together were answered
 * together, one of the two ends would always wait. How many requests make a group, the peer shows: where the next group
 * is at hand when the answers to one have gone, groups may be larger, and each costs less; where it is not, they must be
 * smaller. So there are about three groups on their way, however many requests a client has in flight.
 */

/** Requests in a group, to begin with. */
const FIRST_REQUESTS = 8;

const MIN_REQUESTS = 3;
// Other connections wait for as long: a few hundred microseconds, or a millisecond of small files.
const MAX_REQUESTS = 24;

/** How fast groups grow, in requests, and what is left of one that was too large. */
const GROWTH = 0.25;
const SHRINKAGE = 0.75;

/** Bytes at least: of most requests, a few have their place in them. */
const MIN_BYTES = 256;

export class TurnSize {
  #requests = FIRST_REQUESTS;
  #bytes = Infinity;

  /** Bytes to take in at once. */
  get bytes(): number {
    return this.#bytes;
  }

  /** There were so many requests in so many bytes. */
  took(requests: number, bytes: number): void {
    const isFull = bytes >= this.#bytes;
    if (requests < this.#requests / 2) {
      if (isFull) this.#bytes *= 2;
    } else if (isFull || requests > this.#requests) {
      this.#bytes = Math.max(MIN_BYTES, Math.ceil((bytes * this.#requests) / requests));
    }
  }

  /** The answers to a group have gone, and the next group was at hand then, or was not. */
  answered(isNextAtHand: boolean): void {
    this.#requests = isNextAtHand
      ? Math.min(MAX_REQUESTS, this.#requests + GROWTH)
      : Math.max(MIN_REQUESTS, this.#requests * SHRINKAGE);
  }
}
