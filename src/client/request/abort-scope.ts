/** One signal and one timeout for a call that makes several requests. */
import type { TimerGroup } from '../connection/timer-group.js';
import type { TransferError } from '../../errors.js';
import { throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';

export class AbortScope {
  readonly #isSet: boolean;
  #controller: AbortController | undefined;
  readonly #removeListener: () => void;
  #error: TransferError | undefined;

  private constructor(options: CallOptions, timers: TimerGroup) {
    throwIfAborted(options.signal);
    this.#isSet = options.signal !== undefined || options.timeoutMs !== undefined;
    this.#removeListener = onAbortOrTimeout(options, timers, (error) => {
      this.#error = error;
      this.#controller?.abort(error);
    });
  }

  /** Runs a call with these options. Rejects with ECANCELED or ETIMEDOUT if they have ended the call. */
  static async run<Value>(
    options: CallOptions,
    timers: TimerGroup,
    run: (scope: AbortScope) => Promise<Value>,
  ): Promise<Value> {
    const scope = new AbortScope(options, timers);
    try {
      return await run(scope);
    } catch (error) {
      scope.throwIfAborted();
      throw error;
    } finally {
      scope.#removeListener();
    }
  }

  /** The signal for each request; undefined if neither option is set. */
  get signal(): AbortSignal | undefined {
    if (!this.#isSet || this.#controller) return this.#controller?.signal;
    // Lazy: an AbortController costs as much as a small request.
    this.#controller = new AbortController();
    if (this.#error) this.#controller.abort(this.#error);
    return this.#controller.signal;
  }

  /** Throws ECANCELED or ETIMEDOUT once the options have ended the call. */
  throwIfAborted(): void {
    if (this.#error) throw this.#error;
  }
}
