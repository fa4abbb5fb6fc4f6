/** Bounds how long work that never waits keeps the event loop: after a few ms, timers and other connections get their turn. */
import { setImmediate, systemClock } from '../../../clock.js';

/** Time in ms after which the slice is over. */
const MAX_MS = 4;

export class TimeSlice {
  #usedMs = 0;
  #startedMs = 0;

  /** The work begins, or continues after a wait. */
  resume(): void {
    this.#startedMs = systemClock();
  }

  /** The work waits for something else. What it has used counts on, as the event loop need not have turned by then. */
  pause(): void {
    this.#usedMs += systemClock() - this.#startedMs;
  }

  isOver(): boolean {
    return this.#usedMs + systemClock() - this.#startedMs >= MAX_MS;
  }

  /** Resolves in the next turn of the event loop, with a new slice. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#usedMs = 0;
    this.resume();
  }
}
