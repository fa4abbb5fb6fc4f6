/**
 * Slows down and blocks addresses, or other keys, whose logins are rejected. Each failure delays the next rejection; ten
 * failures block the key. Only time lowers the count: if a successful login did, a client with an account could guess passwords of
 * other accounts without end.
 */
import { createHash } from 'node:crypto';
import { TransferError } from '../../errors.js';
import { systemClock, type Clock } from '../../clock.js';
import { addressGroup } from '../peer.js';

/** What counts together, and what a blocked client is told. */
interface Grouping {
  readonly group: (key: string) => string;
  readonly reason: string;
}

/** Keys are addresses; an IPv6 client has a whole network. */
const byAddress: Grouping = {
  group: addressGroup,
  reason: 'Too many logins from this address were rejected. Try again later.',
};

/** Longest key that is kept as it is: one may contain what clients have sent. */
const MAX_KEY_LENGTH = 64;

/** Keys are those of the program. */
export const byKey: Grouping = {
  group: (key) => (key.length > MAX_KEY_LENGTH ? createHash('sha256').update(key).digest('base64') : key),
  reason: 'Too many logins were rejected. Try again later.',
};

/** Failures at which a key is blocked. */
const MAX_FAILURES = 10;

/** Time in which the count falls by one. */
const FAILURE_DECAY_MS = 30_000;

/** Beyond it, the key with the oldest last failure is forgotten. */
const MAX_KEYS = 10_000;

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 4_000;

export class LoginThrottle {
  readonly #now: Clock;
  readonly #grouping: Grouping;
  readonly #failures = new Map<string, { readonly count: number; readonly since: number }>();

  constructor(now: Clock = systemClock, grouping: Grouping = byAddress) {
    this.#now = now;
    this.#grouping = grouping;
  }

  /** The error for a blocked key; undefined for any other, and for a login without a key. */
  check(key: string | undefined): TransferError | undefined {
    if (key === undefined) return undefined;
    const { group, reason } = this.#grouping;
    const excess = this.#count(group(key)) - MAX_FAILURES;
    if (excess < 0) return undefined;
    // At the end of this time, the count is just below the maximum.
    return new TransferError('EAGAIN', reason, { retryAfterMs: Math.floor(excess * FAILURE_DECAY_MS) + 1 });
  }

  /** Records a rejected login. Returns by how many ms to delay the answer, compared to a first failure. */
  recordFailure(key: string | undefined): number {
    if (key === undefined) return 0;
    const group = this.#grouping.group(key);
    const before = this.#count(group);
    // Moves it to the end: the first key has the oldest last failure.
    this.#failures.delete(group);
    this.#failures.set(group, { count: before + 1, since: this.#now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_KEYS && oldest !== undefined) this.#failures.delete(oldest);
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
