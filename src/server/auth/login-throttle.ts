/**
 * Slows down and blocks addresses whose logins are rejected. Each failure delays the next rejection; ten failures block
 * the address. Only time lowers the count: if a successful login did, a client with an account could guess passwords of
 * other accounts without end.
 */
import { TransferError } from '../../errors.js';
import { systemClock, type Clock } from '../../clock.js';
import { addressGroup } from '../peer.js';

/** Failures at which an address is blocked. */
const MAX_FAILURES = 10;

/** Time in which the count falls by one. */
const FAILURE_DECAY_MS = 30_000;

/** Beyond it, the address with the oldest last failure is forgotten. */
const MAX_ADDRESSES = 10_000;

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 4_000;

export class LoginThrottle {
  readonly #now: Clock;
  readonly #failures = new Map<string, { readonly count: number; readonly since: number }>();

  constructor(now: Clock = systemClock) {
    this.#now = now;
  }

  /** The error for a blocked address; undefined for any other. */
  check(address: string | undefined): TransferError | undefined {
    if (address === undefined) return undefined;
    const excess = this.#count(addressGroup(address)) - MAX_FAILURES;
    if (excess < 0) return undefined;
    const reason = 'Too many logins from this address were rejected. Try again later.';
    // At the end of this time, the count is just below the maximum.
    return new TransferError('EAGAIN', reason, { retryAfterMs: Math.floor(excess * FAILURE_DECAY_MS) + 1 });
  }

  /** Records a rejected login. Returns by how many ms to delay the answer, compared to a first failure. */
  recordFailure(address: string | undefined): number {
    if (address === undefined) return 0;
    const group = addressGroup(address);
    const before = this.#count(group);
    // Moves it to the end: the first address has the oldest last failure.
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
