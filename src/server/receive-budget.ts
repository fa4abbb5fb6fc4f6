/**
 * How much clients may send before it is stored. Every byte that a client may send is taken from the budgets of its
 * connection and of the server before it is told so, and given back when the request is over: what waits in memory
 * never exceeds them, whatever comes at once.
 */
import { EARLY_WINDOW_BYTES } from '../protocol/limits.js';

// No request gets more than its part of what is left, so that those which come after it get something, too.
const PARTS = 8;

/** Bytes that may be received; a connection's are part of the server's. */
export class ReceiveBudget {
  readonly #whole: ReceiveBudget | undefined;
  #left: number;

  constructor(bytes: number, whole?: ReceiveBudget) {
    this.#left = bytes;
    this.#whole = whole;
  }

  /** Bytes that are left. */
  get left(): number {
    return Math.min(this.#left, this.#whole?.left ?? Infinity);
  }

  /** Takes bytes out; negative ones are given back. */
  take(bytes: number): void {
    this.#left -= bytes;
    this.#whole?.take(bytes);
  }
}

/** What one request has of a budget. */
export class ReceiveShare {
  readonly #budget: ReceiveBudget;
  #bytes = 0;

  constructor(budget: ReceiveBudget) {
    this.#budget = budget;
  }

  /** Takes a client's early bytes out. False if there are not so many left. */
  takeEarly(): boolean {
    if (this.#bytes >= EARLY_WINDOW_BYTES) return true;
    if (this.#budget.left < EARLY_WINDOW_BYTES) return false;
    this.#grow(EARLY_WINDOW_BYTES);
    return true;
  }

  /** The window of a request that is served: as large as asked for, or a fair part of what is left. */
  window(askedBytes: number): number {
    const part = Math.floor(this.#budget.left / PARTS);
    this.#grow(Math.min(askedBytes, Math.max(part, this.#bytes)));
    return this.#bytes;
  }

  /** Gives everything back. */
  release(): void {
    this.#budget.take(-this.#bytes);
    this.#bytes = 0;
  }

  #grow(bytes: number): void {
    if (bytes <= this.#bytes) return;
    this.#budget.take(bytes - this.#bytes);
    this.#bytes = bytes;
  }
}
