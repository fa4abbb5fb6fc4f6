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

export interface PasswordCheck {
  readonly password: string;
  /** The stored hash. */
  readonly hash: string;
  /** Aborted when the caller no longer needs the answer. */
  readonly signal?: AbortSignal | undefined;
}

interface Sources {
  readonly now: Clock;
  readonly verify: typeof verifyPassword;
}

interface RunningCheck {
  readonly isRight: Promise<boolean>;
  readonly ending: AbortController;
  /** Callers that need the answer. */
  callers: number;
}

export class PasswordChecks {
  readonly #now: Clock;
  readonly #verify: typeof verifyPassword;
  readonly #key = randomBytes(32);
  /** Until when each proof counts. A proof is no password: without the key, which is never stored, it tests none. */
  readonly #proofs = new Map<string, number>();
  readonly #running = new Map<string, RunningCheck>();

  constructor({ now = systemClock, verify = verifyPassword }: Partial<Sources> = {}) {
    this.#now = now;
    this.#verify = verify;
  }

  /**
   * Whether a password matches the stored hash of a user. A proof does not count for another hash of the user. A check that
   * waits ends when the signals of all its callers are aborted.
   */
  async verify(name: string, { password, hash, signal }: PasswordCheck): Promise<boolean> {
    const proof = this.#proofOf(name, password, hash);
    if ((this.#proofs.get(proof) ?? -Infinity) > this.#now()) return true;
    const running = this.#running.get(proof) ?? this.#start(proof, password, hash);
    running.callers += 1;
    const leave = (): void => {
      running.callers -= 1;
      if (running.callers > 0) return;
      // A later caller starts another check.
      this.#forget(proof, running);
      running.ending.abort(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    try {
      const isRight = await running.isRight;
      if (isRight) this.#remember(proof);
      return isRight;
    } finally {
      signal?.removeEventListener('abort', leave);
      this.#forget(proof, running);
    }
  }

  #start(proof: string, password: string, hash: string): RunningCheck {
    const ending = new AbortController();
    const isRight = this.#verify(password, hash, { signal: ending.signal });
    const running = { isRight, ending, callers: 0 };
    this.#running.set(proof, running);
    return running;
  }

  #forget(proof: string, running: RunningCheck): void {
    if (this.#running.get(proof) === running) this.#running.delete(proof);
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
