/**
 * Semaphores: bounds on how much work runs at once, and how long work waits. A call that would wait for too long is refused
 * at once, with the time at which its turn would come: its caller can return then.
 *
 *     run -> place free? -> work -> mean duration -> calls at the end of the queue that would wait for too long: EAGAIN
 *                   no  -> #waiting, by its mean duration not for too long -> work
 */
import { LinkedList } from '../../collections/linked-list.js';
import { TransferError } from '../../errors.js';
import { addressGroup } from '../peer.js';
import { clearTimeout, setTimeout, systemClock, type Clock } from '../../clock.js';

/** Login checks that run at once for one address, so that an address does not take all the server's time. */
const CHECKS_PER_ADDRESS = 4;

/**
 * Longest time that a check waits, in ms. It must end before the time limit of a client for connecting: checks for clients
 * that have given up would only delay those of others.
 */
export const MAX_CHECK_WAIT_MS = 5_000;

/** Bound of the time after which a refused caller should return, in ms: half the time for which a client retries. */
const MAX_RETRY_AFTER_MS = 30_000;

/** Durations from which a mean is worth a refusal: the first ones last longer while many connections arrive. */
const MIN_SAMPLES = 8;

/** Durations in the mean: it follows work that becomes slower or faster. */
const MAX_SAMPLES = 32;

export interface SemaphoreLimits {
  readonly running: number;
  /** Longest time that a call waits, in ms. Default: no limit. */
  readonly waitMs?: number | undefined;
}

interface WaitingCall {
  start(): void;
  refuse(error: unknown): void;
}

export class Semaphore {
  readonly #running: number;
  readonly #waitMs: number;
  readonly #now: Clock;
  readonly #waiting = new LinkedList<WaitingCall>();
  #taken = 0;
  #samples = 0;
  #meanMs = 0;
  /** When the turn of the next refused caller would come. */
  #nextTurnMs = 0;

  constructor({ running, waitMs = Infinity }: SemaphoreLimits, now: Clock = systemClock) {
    this.#now = now;
    this.#running = running;
    this.#waitMs = waitMs;
  }

  get isIdle(): boolean {
    return this.#taken === 0;
  }

  /**
   * Runs work, in the order of the calls. EAGAIN if the call would wait for too long, or has done so. A signal ends the wait
   * of its call with its reason; work that runs is not stopped.
   */
  async run<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    signal?.throwIfAborted();
    if (this.#taken < this.#running) this.#taken += 1;
    else await this.#wait(signal);
    const since = this.#now();
    try {
      return await work();
    } finally {
      this.#onEnd(this.#now() - since);
    }
  }

  #onEnd(durationMs: number): void {
    // The next call inherits the place, so that no later call can take it.
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#taken -= 1;
    // The durations of one rush say nothing about the next one.
    this.#samples = this.isIdle ? 0 : Math.min(MAX_SAMPLES, this.#samples + 1);
    if (this.isIdle) return;
    this.#meanMs += (durationMs - this.#meanMs) / this.#samples;
    while (this.#isTooLong(this.#waiting.length)) this.#waiting.pop()?.refuse(this.#refusal());
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#isTooLong(this.#waiting.length + 1)) return Promise.reject(this.#refusal());
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const call: WaitingCall = {
        start: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error instanceof Error ? error : new TransferError('ECANCELED'));
        },
      };
      const node = this.#waiting.push(call);
      const remove = (): WaitingCall => this.#waiting.remove(node);
      const abort = (): void => remove().refuse(signal?.reason);
      const giveUp = (): void => remove().refuse(this.#refusal());
      const timer = Number.isFinite(this.#waitMs) ? setTimeout(giveUp, this.#waitMs).unref() : undefined;
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Whether the last of so many calls would wait for too long. */
  #isTooLong(waiting: number): boolean {
    return this.#samples >= MIN_SAMPLES && waiting * this.#msPerCall > this.#waitMs;
  }

  get #msPerCall(): number {
    return this.#meanMs / this.#running;
  }

  /** Each refused caller gets a turn of its own, after the calls that wait. */
  #refusal(): TransferError {
    const now = this.#now();
    const turnMs = Math.min(now + MAX_RETRY_AFTER_MS, Math.max(this.#nextTurnMs, now + this.#waitMs));
    this.#nextTurnMs = turnMs + this.#msPerCall;
    const retryAfterMs = Math.ceil(turnMs - now);
    const reason = `Too many checks wait: ${this.#waiting.length}. Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`;
    return new TransferError('EAGAIN', reason, { retryAfterMs });
  }
}

/** One semaphore for each address; connections without an address do not wait. */
export class PerAddressSemaphore {
  readonly #semaphores = new Map<string, Semaphore>();

  async run<Value>(
    address: string | undefined,
    work: () => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value> {
    if (address === undefined) return work();
    const group = addressGroup(address);
    const semaphore =
      this.#semaphores.get(group) ??
      new Semaphore({ running: CHECKS_PER_ADDRESS, waitMs: MAX_CHECK_WAIT_MS });
    this.#semaphores.set(group, semaphore);
    try {
      return await semaphore.run(work, signal);
    } finally {
      if (semaphore.isIdle) this.#semaphores.delete(group);
    }
  }
}
