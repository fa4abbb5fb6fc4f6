/** Counts the requests that run until they are cancelled, against their limits: of a connection, an account, and the server. */
import { TransferError } from '../../errors.js';
import type { WatchLimits } from './options.js';

/** To which connection and account a request belongs. */
export interface WatchOwner {
  readonly connection: number;
  readonly account: string;
}

export class WatchCounts {
  readonly #limits: WatchLimits;
  readonly #byConnection = new Map<number, number>();
  readonly #byAccount = new Map<string, number>();
  #total = 0;

  constructor(limits: WatchLimits) {
    this.#limits = limits;
  }

  /** Watches that run. */
  get total(): number {
    return this.#total;
  }

  /** Counts a request. Returns a function that ends it. Throws EAGAIN beyond a limit. */
  enter({ connection, account }: WatchOwner): () => void {
    const { maxPerConnection, maxPerIdentity, maxWatches } = this.#limits;
    if ((this.#byConnection.get(connection) ?? 0) >= maxPerConnection) throw tooMany('of this connection');
    if ((this.#byAccount.get(account) ?? 0) >= maxPerIdentity) throw tooMany('of this client');
    if (this.#total >= maxWatches) throw tooMany('of the server');
    this.#total += 1;
    add(this.#byConnection, connection, 1);
    add(this.#byAccount, account, 1);
    return () => {
      this.#total -= 1;
      add(this.#byConnection, connection, -1);
      add(this.#byAccount, account, -1);
    };
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

function tooMany(which: string): TransferError {
  return new TransferError('EAGAIN', `Too many watches ${which} run at once.`);
}
