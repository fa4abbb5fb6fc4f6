/** Bounds how long work that never waits keeps the event loop: after a few ms, timers and other connections get their turn. */
import { setImmediate, systemClock, type Clock } from '../../../clock.js';

/** Time in ms after which the slice is over. */
const MAX_MS = 4;

export class TimeSlice {
  readonly #clock: Clock;
  #usedMs = 0;
  #startedMs = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The work begins, or continues after a wait. */
  resume(): void {
    this.#startedMs = this.#clock();
  }

  /** The work waits for something else. What it has used counts on, as the event loop need not have turned by then. */
  pause(): void {
    this.#usedMs += this.#clock() - this.#startedMs;
  }

  isOver(): boolean {
    return this.#usedMs + this.#clock() - this.#startedMs >= MAX_MS;
  }

  /** Resolves in the next turn of the event loop, with a new slice. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#usedMs = 0;
    this.resume();
  }
}
