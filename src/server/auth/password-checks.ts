/**
 * Remembers for some minutes which passwords were right, so that a client that reconnects costs no second check, and
 * shares a check between equal logins at the same time. A wrong password is checked each time, and takes as long as ever.
 *
 *     name, password, hash -> HMAC with a key of this process -> proven? -> being checked? -> verifyPassword
 */
import { createHmac, randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../clock.js';
import { verifyPassword } from './passwords.js';

/** Time for which a proof counts, in ms. */
const PROOF_MS = 10 * 60_000;

/** Beyond it, the oldest proof is forgotten. */
const MAX_PROOFS = 10_000;

export class PasswordChecks {
  readonly #now: Clock;
  readonly #verify: (password: string, hash: string) => Promise<boolean>;
  readonly #key = randomBytes(32);
  /** Until when each proof counts. A proof is no password: without the key, which is never stored, it tests none. */
  readonly #proofs = new Map<string, number>();
  readonly #running = new Map<string, Promise<boolean>>();

  constructor({ now = systemClock, verify = verifyPassword } = {}) {
    this.#now = now;
    this.#verify = verify;
  }

  /** Whether a password matches the stored hash of a user. A proof does not count for another hash of the user. */
  async verify(name: string, password: string, hash: string): Promise<boolean> {
    const proof = this.#proofOf(name, password, hash);
    if ((this.#proofs.get(proof) ?? -Infinity) > this.#now()) return true;
    const running = this.#running.get(proof) ?? this.#verify(password, hash);
    this.#running.set(proof, running);
    try {
      const isRight = await running;
      if (isRight) this.#remember(proof);
      return isRight;
    } finally {
      this.#running.delete(proof);
    }
  }

  #remember(proof: string): void {
    this.#proofs.delete(proof);
    this.#proofs.set(proof, this.#now() + PROOF_MS);
    const [oldest] = this.#proofs.keys();
    if (this.#proofs.size > MAX_PROOFS && oldest !== undefined) this.#proofs.delete(oldest);
  }

  #proofOf(name: string, password: string, hash: string): string {
    const text = JSON.stringify([name, hash, password.normalize('NFKC')]);
    return createHmac('sha256', this.#key).update(text).digest('base64');
  }
}
