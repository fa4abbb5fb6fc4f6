/** Logins of one address wait for each other: its checks must not be all that the server has time for. */
import { addressGroup } from '../peer.js';
import { Semaphore } from './semaphore.js';

/** Checks at once of one address. Others wait, as many as there may be connections. */
const CHECKS_AT_ONCE = 4;

export class PerAddressSemaphore {
  readonly #turnstiles = new Map<string, Semaphore>();

  /** Checks a login when its turn has come. */
  async run<Value>(address: string | undefined, check: () => Promise<Value>): Promise<Value> {
    if (address === undefined) return check();
    const group = addressGroup(address);
    const turnstile =
      this.#turnstiles.get(group) ?? new Semaphore({ running: CHECKS_AT_ONCE, waiting: Infinity });
    this.#turnstiles.set(group, turnstile);
    try {
      return await turnstile.run(check);
    } finally {
      if (turnstile.idle) this.#turnstiles.delete(group);
    }
  }
}
