/**
 * Budgets of bytes that clients may send before they are stored. The server takes each window from the budgets of the
 * connection, the origin and the server before it grants the window, and returns it at the end of the request. So
 * buffered bytes never exceed a budget, however many clients send at once.
 *
 *     ReceiveShare (request) -> ReceiveBudget (connection) -> SharedReceiveBudget (origin, server)
 */
import { INITIAL_WINDOW_BYTES, PATH_WINDOW_BYTES } from '../../protocol/limits.js';

/** A request gets at most 1/8 of the bytes that are left, so that later requests get a window, too. */
const PARTS = 8;

/** The last 1/8 of a server's budget is reserved for origins that have almost nothing. */
const LAST_PART = 8;

/** Each origin gets 1/256 of a server's budget while any bytes are left. */
const START_PART = 256;

/** The budget of one connection. */
export class ReceiveBudget {
  readonly #shared: SharedReceiveBudget | undefined;
  readonly #origin: string;
  #left: number;

  /** @param shared - the server's budget, from which the connection takes what its origin may take */
  constructor(bytes: number, shared?: SharedReceiveBudget, origin = '') {
    this.#left = bytes;
    this.#shared = shared;
    this.#origin = origin;
  }

  get left(): number {
    return Math.min(this.#left, this.#shared?.leftFor(this.#origin) ?? Infinity);
  }

  /** Takes bytes; a negative number returns bytes. */
  take(bytes: number): void {
    this.#left -= bytes;
    this.#shared?.takeFor(this.#origin, bytes);
  }
}

/** The budget of a server. An origin may take as many bytes as it leaves to other origins. */
export class SharedReceiveBudget {
  readonly #taken = new Map<string, number>();
  readonly #lastBytes: number;
  readonly #startBytes: number;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
    this.#lastBytes = bytes / LAST_PART;
    this.#startBytes = Math.max(INITIAL_WINDOW_BYTES, bytes / START_PART);
  }

  leftFor(origin: string): number {
    const taken = this.#takenBy(origin);
    const fair = Math.min((this.#left - taken) / 2, this.#left - this.#lastBytes);
    const start = Math.min(this.#left, this.#startBytes - taken);
    return Math.max(0, Math.floor(Math.max(fair, start)));
  }

  /** Takes bytes for an origin; a negative number returns bytes. */
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

/** The bytes of a budget that one request holds. */
export class ReceiveShare {
  readonly #budget: ReceiveBudget;
  readonly #reserveBytes: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #released = false;

  /**
   * @param reserveBytes - bytes that always stay for the early bytes of other requests
   * @param maxBytes - bound of `widen`
   */
  constructor(budget: ReceiveBudget, reserveBytes = 0, maxBytes = Infinity) {
    this.#budget = budget;
    this.#reserveBytes = reserveBytes;
    this.#maxBytes = maxBytes;
  }

  /** Takes the bytes that the client may send before `accept`. False if too few are left. */
  takeEarly(): boolean {
    if (this.#budget.left < INITIAL_WINDOW_BYTES) return false;
    this.#grow(INITIAL_WINDOW_BYTES);
    return true;
  }

  /**
   * The window of a running request: `askedBytes`, or a fair part of the bytes that are left. Over a UDP path bytes wait for
   * lost ones before them, so that it is as large as a window may grow to.
   */
  window(askedBytes: number, overPath = false): number {
    const part = Math.floor((this.#budget.left - this.#reserveBytes) / PARTS);
    this.#grow(Math.min(askedBytes, Math.max(part, this.#bytes)));
    return overPath ? this.widen(PATH_WINDOW_BYTES) : this.#bytes;
  }

  /** A larger window, for a request whose window is too small. Leaves as many bytes to other requests. */
  widen(askedBytes: number): number {
    const half = Math.floor((this.#budget.left - this.#reserveBytes + this.#bytes) / 2);
    this.#grow(Math.min(askedBytes, half, this.#maxBytes));
    return this.#bytes;
  }

  /** Returns all bytes, at the end of the request; later calls take none. */
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
