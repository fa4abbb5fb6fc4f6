/** Semaphores: bounds on how much work runs at once, and how much waits. */
import { TransferError } from '../../errors.js';
import { addressGroup } from '../peer.js';

/** Login checks that run at once for one address, so that an address does not take all the server's time. */
const CHECKS_PER_ADDRESS = 4;

export class Semaphore {
  readonly #max: { readonly running: number; readonly waiting: number };
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(max: { running: number; waiting: number }) {
    this.#max = max;
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Runs work, in the order of the calls. EAGAIN if too many calls wait already. */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#max.running) this.#running += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      // The next call inherits the place, so that no later call can take it.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #wait(): Promise<void> {
    const { length } = this.#waiting;
    if (length < this.#max.waiting) return new Promise((resolve) => this.#waiting.push(resolve));
    return Promise.reject(new TransferError('EAGAIN', `Too many checks wait: ${length}. Try again later.`));
  }
}

/** One semaphore for each address; connections without an address do not wait. */
export class PerAddressSemaphore {
  readonly #semaphores = new Map<string, Semaphore>();

  async run<Value>(address: string | undefined, work: () => Promise<Value>): Promise<Value> {
    if (address === undefined) return work();
    const group = addressGroup(address);
    const semaphore =
      this.#semaphores.get(group) ?? new Semaphore({ running: CHECKS_PER_ADDRESS, waiting: Infinity });
    this.#semaphores.set(group, semaphore);
    try {
      return await semaphore.run(work);
    } finally {
      if (semaphore.isIdle) this.#semaphores.delete(group);
    }
  }
}
