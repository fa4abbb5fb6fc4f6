/** The quota accounts of a server, by identity. */
import { systemClock, type Clock } from '../../clock.js';
import { QuotaAccount } from './quota-account.js';

/** Beyond it, the least recently used idle account is dropped; it is counted again when it is next used. */
const MAX_ACCOUNTS = 10_000;

export class QuotaAccounts {
  readonly #now: Clock;
  readonly #max: number;
  readonly #accounts = new Map<string | undefined, QuotaAccount>();

  constructor(now: Clock = systemClock, max = MAX_ACCOUNTS) {
    this.#now = now;
    this.#max = max;
  }

  /** The account of an identity's name; undefined names the account that all anonymous clients share. */
  of(name: string | undefined): QuotaAccount {
    const account = this.#accounts.get(name) ?? new QuotaAccount(this.#now);
    // Moves it to the end: the first account is the least recently used one.
    this.#accounts.delete(name);
    this.#accounts.set(name, account);
    if (this.#accounts.size > this.#max) this.#dropIdle(account);
    return account;
  }

  #dropIdle(wanted: QuotaAccount): void {
    for (const [name, account] of this.#accounts) {
      if (account === wanted || !account.isIdle) continue;
      this.#accounts.delete(name);
      return;
    }
  }
}
