/** The bytes of a budget that one path holds: copies of datagrams, also while those of a broken path are sent over TCP. */
import type { RetainedBudget } from '../../udp/sending/payload-slots.js';

export class RetainedShare implements RetainedBudget {
  readonly #budget: RetainedBudget;
  #bytes = 0;
  #released = false;

  constructor(budget: RetainedBudget) {
    this.#budget = budget;
  }

  get left(): number {
    return this.#budget.left;
  }

  take(bytes: number): void {
    if (this.#released) return;
    this.#bytes += bytes;
    this.#budget.take(bytes);
  }

  /** Returns all bytes, at the end of the path; later calls take none. */
  release(): void {
    this.take(-this.#bytes);
    this.#released = true;
  }
}
