/**
 * When a client may return to a server that has closed with `goaway`. A server that restarts gives each client another
 * time, so that they do not all return at once.
 */
import { systemClock, type Clock } from '../../clock.js';
import type { TransferError } from '../../errors.js';
import type { Backoff } from '../connection/backoff.js';

export class ReturnTime {
  readonly #now: Clock;
  #error: TransferError | undefined;
  #untilMs = -Infinity;

  constructor(now: Clock = systemClock) {
    this.#now = now;
  }

  /** The server has closed: with `retryAfterMs`, if it knows when it will be back. The last call counts. */
  onGoaway(error: TransferError): void {
    this.#error = error.retryAfterMs === undefined ? undefined : error;
    this.#untilMs = this.#now() + (error.retryAfterMs ?? 0);
  }

  /** A connection is open. */
  onOpen(): void {
    this.#error = undefined;
  }

  /** Why no connection is to be made yet; undefined if one can be made. */
  get error(): TransferError | undefined {
    return this.#untilMs - this.#now() >= 1 ? this.#error : undefined;
  }

  /**
   * The delay before the next connection, in ms: at least `otherMs`. If the server is not back in time, more and more clients
   * wait for it: they spread over the time that they were told, not over the shorter delays after a loss.
   */
  delayMs(backoff: Backoff, otherMs = 0): number {
    const leftMs = Math.floor(this.#untilMs - this.#now());
    if (this.error) return backoff.delayMs(Math.max(otherMs, leftMs));
    return backoff.delayMs(otherMs, this.#error?.retryAfterMs);
  }
}
