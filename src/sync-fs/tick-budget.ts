/**
 * How many calls are made without a thread in one turn of the event loop: promises that are settled already go on in the
 * same turn, so that without a bound a long row of them would keep timers and sockets waiting.
 */

/** Calls in a turn, some milliseconds of them at the most. */
const CALLS_A_TURN = 256;

/** Calls after which it is looked whether the turn has ended: to look costs as much as a call does. */
const UNSEEN_CALLS = 64;

export class TickBudget {
  /** Since a turn was last seen to end. */
  #calls = 0;
  #ended: Promise<void> | undefined;

  /** Takes one call out of the budget of this turn; false if it is used up. */
  take(): boolean {
    if (this.#calls >= CALLS_A_TURN) return false;
    this.#calls += 1;
    if (this.#calls > UNSEEN_CALLS) void this.ended();
    return true;
  }

  /** Resolves in the next turn, with a new budget for all who wait for it. */
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
