/**
 * Bounds the local files that a client has open at once. Further transfers wait, without a handle, until one of them has
 * closed its file.
 *
 *     run -> free place? -> work: opens a file, closes it -> the next one
 *              ^              -> EMFILE: a lower limit while others are open; a pause if none is
 *              +--------------'
 */
import { LinkedList } from '../../collections/linked-list.js';
import { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import type { TimerGroup } from '../connection/timer-group.js';
import type { AbortScope } from '../request/abort-scope.js';
import type { ClientContext } from '../request/client-context.js';

/** Transfers with an open local file: enough to fill a connection. A download has three handles at times. */
const MAX_OPEN_FILES = 32;

/** Pauses in ms while the process has too many open files and this client has none of them; then its transfers fail. */
const PAUSES_MS = [20, 50, 100, 200, 500, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000];

/** Transfers that must succeed before the limit is raised by one. */
const SUCCESSES_PER_STEP = 64;

type Scope = Pick<AbortScope, 'signal' | 'throwIfAborted'>;

// One per client.
const limiters = new WeakMap<ClientContext, OpenFileLimiter>();

/** The limiter of a client. */
export function openFileLimiterOf(context: ClientContext): OpenFileLimiter {
  const limiter = limiters.get(context) ?? new OpenFileLimiter(context.dispatcher.timers);
  limiters.set(context, limiter);
  return limiter;
}

export class OpenFileLimiter {
  readonly #timers: Pick<TimerGroup, 'start'>;
  readonly #waiting = new LinkedList<() => void>();
  #running = 0;
  #limit = MAX_OPEN_FILES;
  #successes = 0;
  /**
   * The pauses since the last success, shared by all transfers that have begun or wait: if each had its own, a thousand
   * transfers would fail after hours. Transfers that come after the last pause share others.
   */
  #pauses = { count: 0 };

  constructor(timers: Pick<TimerGroup, 'start'>) {
    this.#timers = timers;
  }

  /**
   * Does work that opens a local file and closes it again. Work that fails because the process has too many open files
   * is done again when there may be room. Rejects with EMFILE if there is none for some seconds; then all that waits has
   * one attempt left.
   */
  async run<Value>(scope: Scope, work: () => Promise<Value>): Promise<Value> {
    const pauses = this.#pauses;
    for (;;) {
      await this.#begin(scope);
      try {
        scope.throwIfAborted();
        const value = await work();
        pauses.count = 0;
        this.#recordSuccess();
        return value;
      } catch (error) {
        if (!isOutOfHandles(error)) throw error;
        scope.throwIfAborted();
        const isAlone = this.#running === 1;
        const pauseMs = isAlone ? PAUSES_MS[pauses.count++] : 0;
        if (pauseMs === undefined) {
          if (this.#pauses === pauses) this.#pauses = { count: 0 };
          throw error;
        }
        // The next attempt waits until another file is closed.
        this.#limit = Math.max(1, this.#running - 1);
        this.#successes = 0;
        if (isAlone) await wait(scope, (resume) => this.#timers.start(resume, pauseMs));
      } finally {
        this.#running -= 1;
        this.#beginWaiting();
      }
    }
  }

  async #begin(scope: Scope): Promise<void> {
    scope.throwIfAborted();
    if (this.#running < this.#limit && this.#waiting.length === 0) {
      this.#running += 1;
      return;
    }
    let hasBegun = false;
    await wait(scope, (resume) => {
      const node = this.#waiting.push(() => {
        hasBegun = true;
        resume();
      });
      return () => {
        if (!hasBegun) this.#waiting.remove(node);
      };
    });
    if (!hasBegun) scope.throwIfAborted();
  }

  #beginWaiting(): void {
    while (this.#running < this.#limit) {
      const resume = this.#waiting.shift();
      if (!resume) return;
      this.#running += 1;
      resume();
    }
  }

  #recordSuccess(): void {
    this.#pauses.count = 0;
    if (this.#limit === MAX_OPEN_FILES) return;
    this.#successes += 1;
    if (this.#successes % SUCCESSES_PER_STEP === 0) this.#limit += 1;
  }
}

/** Waits until `start` resumes, or the scope ends the call. `start` returns a function that ends the waiting. */
async function wait({ signal }: Scope, start: (resume: () => void) => () => void): Promise<void> {
  let end: (() => void) | undefined;
  await new Promise<void>((resolve) => {
    const stop = start(resolve);
    end = () => {
      stop();
      resolve();
    };
    signal?.addEventListener('abort', end);
  });
  if (end) signal?.removeEventListener('abort', end);
}

/** Whether this process, or the whole system, has too many open files; not the server. */
export function isOutOfHandles(error: unknown): boolean {
  return error instanceof TransferError && hasErrno(error.cause, 'EMFILE', 'ENFILE');
}
