/**
 * Limits how long synchronous calls of one kind may block the process, like a leaky bucket: the time of a call beyond that
 * of a short one flows in, and the bucket drains all the time. When it overflows, no such calls are made during a pause,
 * which doubles if the bucket overflows again soon. The class only computes; the caller measures the time.
 */

/** Longest duration of a call that does not wait for anything, in ms. */
export const SHORT_CALL_MS = 0.1;

/** Capacity in ms of blocking. */
const CAPACITY_MS = 25;

/** Share of the elapsed time that drains. It applies to each kind of call, of which there are a dozen. */
const DRAINED_SHARE = 0.025;

const FIRST_PAUSE_MS = 1_000;

const LONGEST_PAUSE_MS = 64_000;

/** Time in ms after the end of a pause, without another one, that resets the length of pauses. */
const RESET_MS = 1_000;

/** A call that took longer than a short one. */
export interface BlockingCall {
  readonly endedMs: number;
  readonly tookMs: number;
  /** Total time for which the process was ready to run and had no processor: calls were not slow because of a disk. */
  readonly preemptedMs: number;
}

export class BlockingBudget {
  #levelMs = 0;
  #lastMs = 0;
  #preemptedMs = 0;
  #pausedUntilMs = -Infinity;
  #pauseMs = FIRST_PAUSE_MS;

  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }

  add({ endedMs, tookMs, preemptedMs }: BlockingCall): void {
    const drainedMs = (endedMs - this.#lastMs) * DRAINED_SHARE + preemptedMs - this.#preemptedMs;
    this.#levelMs = Math.max(0, this.#levelMs + tookMs - SHORT_CALL_MS - drainedMs);
    this.#lastMs = endedMs;
    this.#preemptedMs = preemptedMs;
    if (this.#levelMs > CAPACITY_MS) this.#pause(endedMs);
  }

  #pause(nowMs: number): void {
    const isReset = nowMs - this.#pausedUntilMs >= RESET_MS;
    this.#pauseMs = isReset ? FIRST_PAUSE_MS : Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    this.#levelMs = 0;
  }
}
