/** The accounts of a server's identities, by their names. */
import { systemClock, type Clock } from '../../clock.js';
import { QuotaAccount } from './quota-account.js';

/** Accounts that are kept; beyond it the one that was not used for longest is forgotten, and counted when it is. */
const MAX_ACCOUNTS = 10_000;

export class QuotaAccounts {
  readonly #now: Clock;
  readonly #max: number;
  readonly #accounts = new Map<string | undefined, QuotaAccount>();

  constructor(now: Clock = systemClock, max = MAX_ACCOUNTS) {
    this.#now = now;
    this.#max = max;
  }

  /** The account of an identity; undefined is the name of those who have none. */
  of(name: string | undefined): QuotaAccount {
    const account = this.#accounts.get(name) ?? new QuotaAccount(this.#now);
    // At the end of the row: the first one is the one that was not used for longest.
    this.#accounts.delete(name);
    this.#accounts.set(name, account);
    if (this.#accounts.size > this.#max) this.#forgetOne(account);
    return account;
  }

  #forgetOne(wanted: QuotaAccount): void {
    for (const [name, account] of this.#accounts) {
      if (account === wanted || !account.isIdle) continue;
      this.#accounts.delete(name);
      return;
    }
  }
}
