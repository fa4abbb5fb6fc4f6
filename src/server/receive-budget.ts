/**
 * How much clients may send before it is stored. Every byte that a client may send is taken from the budgets of its
 * connection, its origin and the server before it is told so, and given back when the request is over: what waits in memory
 * never exceeds them, whatever comes at once.
 */
import { EARLY_WINDOW_BYTES } from '../protocol/limits.js';

// No request gets more than its part of what is left, so that those which come after it get something, too.
const PARTS = 8;

// Origins that come one after the other would each take the half of what is left, until nothing is.
const LAST_PART = 8;

const START_PART = 256;

/** Bytes that may be received. */
export interface Budget {
  /** Bytes that are left. */
  readonly left: number;
  /** Takes bytes out; negative ones are given back. */
  take(bytes: number): void;
}

/** A connection's. */
export class ReceiveBudget implements Budget {
  readonly #whole: Budget | undefined;
  #left: number;

  constructor(bytes: number, whole?: Budget) {
    this.#left = bytes;
    this.#whole = whole;
  }

  get left(): number {
    return Math.min(this.#left, this.#whole?.left ?? Infinity);
  }

  take(bytes: number): void {
    this.#left -= bytes;
    this.#whole?.take(bytes);
  }
}

/** A server's: each origin may take as many bytes as it leaves to others, so that whoever comes next finds some. */
export class SharedReceiveBudget {
  readonly #taken = new Map<string, number>();
  /** The last bytes are only for those who have next to none. */
  readonly #lastBytes: number;
  /** So many does everybody get, as long as there are any. */
  readonly #startBytes: number;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
    this.#lastBytes = bytes / LAST_PART;
    this.#startBytes = Math.max(EARLY_WINDOW_BYTES, bytes / START_PART);
  }

  /** What an origin has of it. */
  of(origin: string): Budget {
    return new OriginBudget(this, origin);
  }

  /** Bytes that are left for an origin. */
  leftFor(origin: string): number {
    const taken = this.#takenBy(origin);
    const fair = Math.min((this.#left - taken) / 2, this.#left - this.#lastBytes);
    const start = Math.min(this.#left, this.#startBytes - taken);
    return Math.max(0, Math.floor(Math.max(fair, start)));
  }

  /** Takes bytes out for an origin; negative ones are given back. */
  takeFor(origin: string, bytes: number): void {
    this.#left -= bytes;
    const taken = this.#takenBy(origin) + bytes;
    if (taken > 0) this.#taken.set(origin, taken);
    else this.#taken.delete(origin);
  }

  #takenBy(origin: string): number {
    return this.#taken.get(origin) ?? 0;
  }
}

class OriginBudget implements Budget {
  readonly #whole: SharedReceiveBudget;
  readonly #origin: string;

  constructor(whole: SharedReceiveBudget, origin: string) {
    this.#whole = whole;
    this.#origin = origin;
  }

  get left(): number {
    return this.#whole.leftFor(this.#origin);
  }

  take(bytes: number): void {
    this.#whole.takeFor(this.#origin, bytes);
  }
}

/** What one request has of a budget. */
export class ReceiveShare {
  readonly #budget: Budget;
  readonly #reserveBytes: number;
  #bytes = 0;
  #released = false;

  /** @param reserveBytes - what is left for the early bytes of other requests, however much this one asks for */
  constructor(budget: Budget, reserveBytes = 0) {
    this.#budget = budget;
    this.#reserveBytes = reserveBytes;
  }

  /** Takes a client's early bytes out. False if there are not so many left. */
  takeEarly(): boolean {
    if (this.#released || this.#bytes >= EARLY_WINDOW_BYTES) return true;
    if (this.#budget.left < EARLY_WINDOW_BYTES) return false;
    this.#grow(EARLY_WINDOW_BYTES);
    return true;
  }

  /** The window of a request that is served: as large as asked for, or a fair part of what is left. */
  window(askedBytes: number): number {
    const part = Math.floor((this.#budget.left - this.#reserveBytes) / PARTS);
    this.#grow(Math.min(askedBytes, Math.max(part, this.#bytes)));
    return this.#bytes;
  }

  /** A larger one for a request whose window has proved too small: no more than it leaves to others. */
  widen(askedBytes: number): number {
    const half = Math.floor((this.#budget.left - this.#reserveBytes + this.#bytes) / 2);
    this.#grow(Math.min(askedBytes, half));
    return this.#bytes;
  }

  /** Gives everything back. A request that is over gets nothing any more, however late it asks. */
  release(): void {
    this.#released = true;
    this.#budget.take(-this.#bytes);
    this.#bytes = 0;
  }

  #grow(bytes: number): void {
    if (this.#released || bytes <= this.#bytes) return;
    this.#budget.take(bytes - this.#bytes);
    this.#bytes = bytes;
  }
}
