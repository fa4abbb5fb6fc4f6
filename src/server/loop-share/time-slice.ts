/** Bounds how long work that never waits keeps the event loop: after a few ms, timers and other connections get their turn. */
import { systemClock, type Clock } from '../../clock.js';
import { loopShare, type LoopShare } from './loop-share.js';

/** Time in ms after which the slice is over. */
const MAX_MS = 4;

export class TimeSlice {
  readonly #clock: Clock;
  readonly #share: LoopShare;
  #startedMs = 0;

  /** @param share - the time that is bounded: that of all slices with the same one */
  constructor(clock: Clock = systemClock, share: LoopShare = loopShare) {
    this.#clock = clock;
    this.#share = share;
  }

  /** The work begins, or continues after a wait. */
  resume(): void {
    this.#startedMs = this.#clock();
  }

  /** The work waits for something else. What it has used counts on, until the event loop has turned. */
  pause(): void {
    this.#share.add(this.#clock() - this.#startedMs);
  }

  isOver(): boolean {
    return this.#share.usedMs + this.#clock() - this.#startedMs >= MAX_MS;
  }

  /** Waits for something else. */
  async wait(other: Promise<void>): Promise<void> {
    this.pause();
    await other;
    this.resume();
  }

  /**
   * Waits for what may be work of this process or a wait, such as the next entries of a storage. It counts as work if the
   * event loop has not turned meanwhile.
   */
  async measure<T>(other: () => Promise<T>): Promise<T> {
    const { turn } = this.#share;
    const startedMs = this.#clock();
    try {
      return await other();
    } finally {
      if (this.#share.turn === turn) this.#share.add(this.#clock() - startedMs);
    }
  }

  /** Resolves in a later turn of the event loop, with a new slice. */
  next(): Promise<void> {
    return this.wait(this.#share.next());
  }
}
