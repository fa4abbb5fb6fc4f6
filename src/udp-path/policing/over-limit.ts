/**
 * Decides when so many datagrams of a path are dropped for the bandwidth limit of this end that bodies are better sent over
 * TCP, which a limit slows down without loss. To the peer these are losses of the network, for which it would avoid UDP: this
 * end has to tell it the reason before.
 */

/**
 * Time in us over which datagrams are counted, and the part of them: a peer takes a path for lost after 3 s without
 * arrivals, or after 5 s in which more than half is lost.
 */
const PERIOD_US = 2_000_000;
const MAX_DROPPED = 1 / 3;

/** Fewer datagrams say nothing. */
const MIN_DATAGRAMS = 8;

export class OverLimit {
  #startedUs = -Infinity;
  #dropped = 0;
  #accepted = 0;

  /** Counts a datagram. Returns whether too many were dropped. */
  add(isDropped: boolean, nowUs: number): boolean {
    if (isDropped) this.#dropped += 1;
    else this.#accepted += 1;
    if (nowUs - this.#startedUs < PERIOD_US) return false;
    const count = this.#dropped + this.#accepted;
    const isTooMuch = count >= MIN_DATAGRAMS && this.#dropped > count * MAX_DROPPED;
    this.#startedUs = nowUs;
    this.#dropped = this.#accepted = 0;
    return isTooMuch;
  }
}
