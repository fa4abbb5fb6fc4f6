/**
 * How many of the bytes that have come are taken in at once, so that there is about a handful of requests in them. While
 * the peer works with the answers to a handful, this end works on the next; if all that came together were answered
 * together, one of the two ends would always wait.
 */

/** Requests that are taken in at once. */
const REQUESTS = 8;

/** Bytes at least: of most requests, a few have their place in them. */
const MIN_BYTES = 256;

export class TurnSize {
  #bytes = Infinity;

  /** Bytes to take in at once. */
  get bytes(): number {
    return this.#bytes;
  }

  /** There were so many requests in so many bytes. */
  took(requests: number, bytes: number): void {
    if (requests > 2 * REQUESTS) this.#bytes = Math.max(MIN_BYTES, Math.ceil((bytes * REQUESTS) / requests));
    else if (requests < REQUESTS / 2 && bytes >= this.#bytes) this.#bytes *= 2;
  }
}
