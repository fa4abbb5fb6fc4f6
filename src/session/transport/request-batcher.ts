/**
 * How many of the bytes that have come are taken in at once, so that there is about a group of requests in them. While
 * the peer works with the answers to one group, this end works on the next; if all that came together were answered
 * together, one of the two ends would always wait. How many requests make a group, the peer shows: where the next group
 * is at hand when the answers to one have gone, groups may be larger, and each costs less; where it is not, they must be
 * smaller. So there are about three groups on their way, however many requests a client has in flight. Where several
 * connections have requests there is always something to do, and large groups would only let the others wait.
 */

/** Requests in a group, to begin with, and at the most while other connections have some, too. */
const SHARED_REQUESTS = 8;

const MIN_REQUESTS = 3;
const MAX_REQUESTS = 24;

/** How fast groups grow, in requests, and what is left of one that was too large. */
const GROWTH = 0.25;
const SHRINKAGE = 0.75;

/** Bytes at least: of most requests, a few have their place in them. */
const MIN_BYTES = 256;

/** Groups that all connections of this process have taken in: they have one thread. */
let allGroups = 0;

export class RequestBatcher {
  #requests = SHARED_REQUESTS;
  #bytes = Infinity;
  /** How many groups there were with its last one, and whether others had some since the one before. */
  #lastGroup = 0;
  #isAlone = true;

  /** Bytes to take in at once. */
  get bytes(): number {
    return this.#bytes;
  }

  /** There were so many requests in so many bytes. */
  onBatch(requests: number, bytes: number): void {
    if (requests > 0) this.#noteGroup();
    const isFull = bytes >= this.#bytes;
    if (requests < this.#requests / 2) {
      if (isFull) this.#bytes *= 2;
    } else if (isFull || requests > this.#requests) {
      this.#bytes = Math.max(MIN_BYTES, Math.ceil((bytes * this.#requests) / requests));
    }
  }

  /** The answers to a group have gone, and the next group was at hand then, or was not. */
  onAnswered(isNextAtHand: boolean): void {
    const most = this.#isAlone ? MAX_REQUESTS : SHARED_REQUESTS;
    if (isNextAtHand && this.#requests <= most) this.#requests = Math.min(most, this.#requests + GROWTH);
    else this.#requests = Math.max(MIN_REQUESTS, this.#requests * SHRINKAGE);
  }

  #noteGroup(): void {
    this.#isAlone = this.#lastGroup === allGroups;
    this.#lastGroup = allGroups += 1;
  }
}
