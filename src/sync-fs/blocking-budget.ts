/**
 * What calls of one kind, which block the process, may cost it: the time beyond what a short call takes flows into a vessel that
 * drains all the time. When it is full, no more such calls are made for a while, and for longer each time it fills soon
 * after. Numbers only: somebody else looks at the clock.
 */

/** Milliseconds that a call which does not wait for anything takes at the most. */
export const SHORT_CALL_MS = 0.1;

/** Milliseconds beyond it that are borne at once, ... */
const BORNE_MS = 25;

/** ... and the share of the time that is borne for good: of each kind of call, of which there are a dozen. */
const BORNE_SHARE = 0.025;

const FIRST_PAUSE_MS = 1_000;

const LONGEST_PAUSE_MS = 64_000;

/** Milliseconds without a further pause that make up for the earlier ones. */
const GOOD_MS = 1_000;

/** A call that took longer than a short one, in milliseconds. */
export interface BlockingCall {
  readonly endedMs: number;
  readonly tookMs: number;
  /** How long other programs have kept the process from running, in all: whatever took long then is no fault of a disk. */
  readonly preemptedMs: number;
}

export class BlockingBudget {
  #levelMs = 0;
  #lastMs = 0;
  #preemptedMs = 0;
  #pausedUntilMs = -Infinity;
  #pauseMs = FIRST_PAUSE_MS;

  /** Whether no call is to be made at this time. */
  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }

  /** Counts a call. */
  add({ endedMs, tookMs, preemptedMs }: BlockingCall): void {
    const drained = (endedMs - this.#lastMs) * BORNE_SHARE + preemptedMs - this.#preemptedMs;
    this.#levelMs = Math.max(0, this.#levelMs + tookMs - SHORT_CALL_MS - drained);
    this.#lastMs = endedMs;
    this.#preemptedMs = preemptedMs;
    if (this.#levelMs > BORNE_MS) this.#pause(endedMs);
  }

  #pause(nowMs: number): void {
    const wasGood = nowMs - this.#pausedUntilMs >= GOOD_MS;
    this.#pauseMs = wasGood ? FIRST_PAUSE_MS : Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    this.#levelMs = 0;
  }
}
