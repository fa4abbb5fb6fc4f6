/**
 * The queue on the way to the receiver: how much longer than the fastest datagram of the last 12 s the fastest of a report
 * was under way. The clocks of both ends cancel out, and reports may be late.
 */
import { WindowedBest } from '../../collections/windowed-best.js';

/** Time in ms in which the fastest datagram counts. Clocks of machines differ by less than 1 ms in it. */
const WINDOW_MS = 12_000;

/** Time in ms without an empty queue after which the sender makes one. */
const EMPTY_EVERY_MS = 10_000;

/** How close to the fastest a datagram of an empty queue is: in ms, and as a part of the round trip. */
const EMPTY_MS = 1;
const EMPTY_PART = 0.02;

export class QueueDelay {
  /** The delay of the last report in ms. */
  ms = 0;
  readonly #smallest = new WindowedBest((one, other) => one <= other);
  /** The last sample: others are compared with it, because the numbers wrap. */
  #last = 0;
  #lastRaw: number | undefined;
  #emptyMs = -Infinity;
  #drainsUntilMs: number | undefined;

  /** Adds the smallest delay of a report, in us modulo 2^32. */
  add(minOwdUs: number, nowMs: number, minRttMs: number): void {
    this.#last += this.#lastRaw === undefined ? 0 : (minOwdUs - this.#lastRaw) | 0;
    this.#lastRaw = minOwdUs;
    const owdUs = this.#last;
    this.#smallest.add(owdUs, nowMs, WINDOW_MS);
    this.ms = (owdUs - (this.#smallest.value ?? owdUs)) / 1_000;
    if (this.ms <= Math.max(EMPTY_MS, minRttMs * EMPTY_PART)) this.#emptyMs = nowMs;
  }

  /** Whether to send less for a while, so that the queue becomes empty and its delay can be measured. */
  isDraining(nowMs: number, minRttMs: number): boolean {
    if (this.#emptyMs === -Infinity) this.#emptyMs = nowMs;
    if (this.#drainsUntilMs === undefined && nowMs - this.#emptyMs > EMPTY_EVERY_MS) {
      this.#drainsUntilMs = nowMs + Math.max(200, minRttMs * 1.5);
    }
    if (this.#drainsUntilMs === undefined || nowMs < this.#drainsUntilMs)
      return this.#drainsUntilMs !== undefined;
    this.#drainsUntilMs = undefined;
    this.#emptyMs = nowMs;
    return false;
  }
}
