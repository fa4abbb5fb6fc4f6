/**
 * What refused logins cost the address that they came from: each makes the next refusal slower, and after some of them
 * the address is not served for a while. Time makes good again; a login that succeeds does not, or whoever has an
 * account could try out the others' for ever.
 */
import { TransferError } from '../../errors.js';
import { systemClock, type Clock } from '../../clock.js';
import { addressGroup } from '../peer.js';

/** Refused logins after which an address is not served. */
const MAX_FAILURES = 10;

/** Milliseconds that make one of them good. */
const FAILURE_DECAY_MS = 30_000;

/** Addresses that are remembered; beyond it the one whose last failure is longest ago is forgotten. */
const MAX_ADDRESSES = 10_000;

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 4_000;

interface Failures {
  count: number;
  since: number;
}

export class LoginThrottle {
  readonly #now: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(now: Clock = systemClock) {
    this.#now = now;
  }

  /** Why nobody from an address is served now; undefined if they are. */
  check(address: string | undefined): TransferError | undefined {
    if (address === undefined || this.#count(addressGroup(address)) < MAX_FAILURES) return undefined;
    return new TransferError('EAGAIN', 'Too many logins of this address have been refused. Try again later.');
  }

  /** Notes a refused login. Gives the milliseconds by which the refusal is to be later than the first would be. */
  recordFailure(address: string | undefined): number {
    if (address === undefined) return 0;
    const group = addressGroup(address);
    const before = this.#count(group);
    // At the end of the row: the first one is the one whose last failure is longest ago.
    this.#failures.delete(group);
    this.#failures.set(group, { count: before + 1, since: this.#now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
    return before < 1 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.floor(before));
  }

  #count(group: string): number {
    const failures = this.#failures.get(group);
    if (!failures) return 0;
    const left = failures.count - (this.#now() - failures.since) / FAILURE_DECAY_MS;
    if (left > 0) return left;
    this.#failures.delete(group);
    return 0;
  }
}
