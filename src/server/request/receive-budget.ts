/**
 * How much clients may send before it is stored. Every byte that a client may send is taken from the budgets of its
 * connection, its origin and the server before it is told so, and given back when the request is over: what waits in memory
 * never exceeds them, whatever comes at once.
 */
import { INITIAL_WINDOW_BYTES } from '../../protocol/limits.js';

// No request gets more than its part of what is left, so that those which come after it get something, too.
const PARTS = 8;

// Origins that come one after the other would each take the half of what is left, until nothing is.
const LAST_PART = 8;

const START_PART = 256;

/** The bytes that one connection may send before they are stored. */
export class ReceiveBudget {
  readonly #shared: SharedReceiveBudget | undefined;
  readonly #origin: string;
  #left: number;

  /** @param shared - the server's, of which the connection may use what its origin may */
  constructor(bytes: number, shared?: SharedReceiveBudget, origin = '') {
    this.#left = bytes;
    this.#shared = shared;
    this.#origin = origin;
  }

  /** Bytes that are left. */
  get left(): number {
    return Math.min(this.#left, this.#shared?.leftFor(this.#origin) ?? Infinity);
  }

  /** Takes bytes out; negative ones are given back. */
  take(bytes: number): void {
    this.#left -= bytes;
    this.#shared?.takeFor(this.#origin, bytes);
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
    this.#startBytes = Math.max(INITIAL_WINDOW_BYTES, bytes / START_PART);
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

/** What one request has of a budget. */
export class ReceiveShare {
  readonly #budget: ReceiveBudget;
  readonly #reserveBytes: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #released = false;

  /**
   * @param reserveBytes - what is left for the early bytes of other requests, however much this one asks for
   * @param maxBytes - to which a window can be widened
   */
  constructor(budget: ReceiveBudget, reserveBytes = 0, maxBytes = Infinity) {
    this.#budget = budget;
    this.#reserveBytes = reserveBytes;
    this.#maxBytes = maxBytes;
  }

  /** Takes a client's early bytes out, once. False if there are not so many left. */
  takeEarly(): boolean {
    if (this.#budget.left < INITIAL_WINDOW_BYTES) return false;
    this.#grow(INITIAL_WINDOW_BYTES);
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
    this.#grow(Math.min(askedBytes, half, this.#maxBytes));
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
