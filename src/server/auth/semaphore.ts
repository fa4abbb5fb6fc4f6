/** A turnstile: lets a few pieces of work be done at once, lets some more wait, and turns the others away. */
import { TransferError } from '../../errors.js';

/** How many. */
export interface SemaphoreLimits {
  /** At once. */
  readonly running: number;
  /** More of them, which wait. */
  readonly waiting: number;
}

export class Semaphore {
  readonly #rule: SemaphoreLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(rule: SemaphoreLimits) {
    this.#rule = rule;
  }

  /** Whether nothing is done and nothing waits. */
  get idle(): boolean {
    return this.#running === 0;
  }

  /** Does a piece of work when its turn has come. Rejects with EAGAIN if too many wait already. */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#rule.running) this.#running += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#rule.waiting) {
      return Promise.reject(new TransferError('EAGAIN', 'Too many others wait for the same.'));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the place to whoever waits longest: it is never free in between. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
