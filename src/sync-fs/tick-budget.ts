/**
 * Limits the number of synchronous calls in one tick of the event loop. Promises that are already settled continue in the
 * same tick, so a long sequence of such calls would delay timers and sockets.
 */

import { setImmediate } from '../clock.js';

/** Calls per tick, which take a few ms at most. */
const MAX_CALLS = 256;

/** Calls until the budget schedules a check for the end of the tick, which costs as much as a call. */
const UNCHECKED_CALLS = 64;

export class TickBudget {
  /** Calls since the last check. */
  #calls = 0;
  #ended: Promise<void> | undefined;

  /** Takes one call from the budget; false if it is used up. */
  take(): boolean {
    if (this.#calls >= MAX_CALLS) return false;
    this.#calls += 1;
    if (this.#calls > UNCHECKED_CALLS) void this.ended();
    return true;
  }

  /** Resolves when a tick has room for a call; undefined if this one has. */
  room(): Promise<void> | undefined {
    return this.#calls < MAX_CALLS ? undefined : this.ended();
  }

  /** Counts further calls, which were made after `take`. */
  add(calls: number): void {
    this.#calls += calls;
    if (this.#calls > UNCHECKED_CALLS) void this.ended();
  }

  /** Resolves in the next tick, with a new budget. */
  ended(): Promise<void> {
    this.#ended ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#calls = 0;
        this.#ended = undefined;
        resolve();
      });
    });
    return this.#ended;
  }
}
