/** Logins of one address wait for each other: its checks must not be all that the server has time for. */
import { addressGroup } from '../peer.js';
import { Turnstile } from './turnstile.js';

/** Checks at once of one address. Others wait, as many as there may be connections. */
const CHECKS_AT_ONCE = 4;

export class QueuesOfAddresses {
  readonly #turnstiles = new Map<string, Turnstile>();

  /** Checks a login when its turn has come. */
  async pass<Value>(address: string | undefined, check: () => Promise<Value>): Promise<Value> {
    if (address === undefined) return check();
    const group = addressGroup(address);
    const turnstile =
      this.#turnstiles.get(group) ?? new Turnstile({ running: CHECKS_AT_ONCE, waiting: Infinity });
    this.#turnstiles.set(group, turnstile);
    try {
      return await turnstile.pass(check);
    } finally {
      if (turnstile.idle) this.#turnstiles.delete(group);
    }
  }
}
