/** Semaphores: bounds on how much work runs at once, and how much waits. */
import { LinkedList } from '../../collections/linked-list.js';
import { TransferError } from '../../errors.js';
import { addressGroup } from '../peer.js';
import { clearTimeout, setTimeout } from '../../clock.js';

/** Login checks that run at once for one address, so that an address does not take all the server's time. */
const CHECKS_PER_ADDRESS = 4;

/**
 * Longest time that a login waits for its check, in ms. It must end before the time limit of a client for connecting:
 * checks for clients that have given up would only delay those of others.
 */
const MAX_LOGIN_WAIT_MS = 5_000;

export interface SemaphoreLimits {
  readonly running: number;
  readonly waiting: number;
  /** Default: no limit. */
  readonly waitMs?: number | undefined;
}

export class Semaphore {
  readonly #max: SemaphoreLimits;
  readonly #waiting = new LinkedList<() => void>();
  #running = 0;

  constructor(max: SemaphoreLimits) {
    this.#max = max;
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Runs work, in the order of the calls. EAGAIN if too many calls wait already, or this one has waited too long. */
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
    const tooMany = new TransferError('EAGAIN', `Too many checks wait: ${length}. Try again later.`);
    if (length >= this.#max.waiting) return Promise.reject(tooMany);
    return new Promise((resolve, reject) => {
      const node = this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
      const { waitMs } = this.#max;
      const giveUp = (): void => {
        this.#waiting.remove(node);
        reject(tooMany);
      };
      const timer = waitMs === undefined ? undefined : setTimeout(giveUp, waitMs).unref();
    });
  }
}

const loginLimits = { running: CHECKS_PER_ADDRESS, waiting: Infinity, waitMs: MAX_LOGIN_WAIT_MS };

/** One semaphore for each address; connections without an address do not wait. */
export class PerAddressSemaphore {
  readonly #semaphores = new Map<string, Semaphore>();

  async run<Value>(address: string | undefined, work: () => Promise<Value>): Promise<Value> {
    if (address === undefined) return work();
    const group = addressGroup(address);
    const semaphore = this.#semaphores.get(group) ?? new Semaphore(loginLimits);
    this.#semaphores.set(group, semaphore);
    try {
      return await semaphore.run(work);
    } finally {
      if (semaphore.isIdle) this.#semaphores.delete(group);
    }
  }
}
