/**
 * Chooses how many received bytes are decoded at once, so that they contain about one batch of requests. While the peer
 * works on the answers of one batch, this end works on the next; with one large batch, one end would always wait.
 *
 * The size adapts: if the next batch has arrived when the answers of one are sent, batches grow, because each is then
 * cheaper; otherwise they shrink. So about three batches are in flight, whatever the number of requests. While several
 * connections have requests, batches stay small, because large ones only make the other connections wait.
 */

/** Requests of a batch at first, and at most while other connections have requests. */
const SHARED_REQUESTS = 8;

const MIN_REQUESTS = 3;
const MAX_REQUESTS = 24;

/** Requests by which a batch grows, and the factor by which it shrinks. */
const GROWTH = 0.25;
const SHRINKAGE = 0.75;

/** Minimum size of a batch; most requests are much smaller. */
const MIN_BYTES = 256;

/** Batches of all connections of this process, which share one thread. */
let totalBatches = 0;

export class RequestBatcher {
  /** Bytes to decode at once. */
  bytes = Infinity;
  #requests = SHARED_REQUESTS;
  /** `totalBatches` at the last batch of this connection, and whether no other connection had one in between. */
  #lastBatch = 0;
  #isAlone = true;

  /** A batch was decoded. */
  onBatch(requests: number, bytes: number): void {
    if (requests > 0) this.#countBatch();
    const isFull = bytes >= this.bytes;
    if (requests < this.#requests / 2) {
      if (isFull) this.bytes *= 2;
    } else if (isFull || requests > this.#requests) {
      this.bytes = Math.max(MIN_BYTES, Math.ceil((bytes * this.#requests) / requests));
    }
  }

  /** The answers of a batch were sent. `hasNext` tells whether the next batch had arrived by then. */
  onAnswered(hasNext: boolean): void {
    const most = this.#isAlone ? MAX_REQUESTS : SHARED_REQUESTS;
    if (hasNext && this.#requests <= most) this.#requests = Math.min(most, this.#requests + GROWTH);
    else this.#requests = Math.max(MIN_REQUESTS, this.#requests * SHRINKAGE);
  }

  #countBatch(): void {
    this.#isAlone = this.#lastBatch === totalBatches;
    this.#lastBatch = totalBatches += 1;
  }
}
