/**
 * The time that all batches and watches of the process together have used in one turn of the event loop. Hundreds of them at
 * once delay other work no longer than one: those that have to wait continue one after the other, in a turn each.
 */
import { LinkedList } from '../../collections/linked-list.js';
import { setImmediate } from '../../clock.js';

export class LoopShare {
  readonly #waiting = new LinkedList<() => void>();
  #turns = 0;
  #usedMs = 0;
  #isScheduled = false;

  /** Used in this turn. */
  get usedMs(): number {
    return this.#usedMs;
  }

  /** The number of this turn. */
  get turn(): number {
    this.#schedule();
    return this.#turns;
  }

  /** Work has taken so long. */
  add(ms: number): void {
    this.#usedMs += ms;
    this.#schedule();
  }

  /** Resolves in a later turn, in which nothing was used. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#turns += 1;
    this.#usedMs = 0;
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#schedule();
  }
}

/** That of this process. */
export const loopShare = new LoopShare();
