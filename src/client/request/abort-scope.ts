/** The end that a caller has set to a call of several steps: its signal, or its time, which is that of all of them. */
import type { TransferError } from '../../errors.js';
import type { TimerGroup } from '../connection/timer-group.js';
import { throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';

export class AbortScope {
  readonly #isSet: boolean;
  #controller: AbortController | undefined;
  readonly #stop: () => void;
  #over: TransferError | undefined;

  private constructor(options: CallOptions, timers: TimerGroup) {
    throwIfAborted(options.signal);
    this.#isSet = options.signal !== undefined || options.timeoutMs !== undefined;
    this.#stop = onAbortOrTimeout(options, timers, (error) => {
      this.#over = error;
      this.#controller?.abort(error);
    });
  }

  /** Runs a call until it ends by itself or the caller's options end it; then it rejects with ECANCELED or ETIMEDOUT. */
  static async run<Value>(
    options: CallOptions,
    timers: TimerGroup,
    run: (limit: AbortScope) => Promise<Value>,
  ): Promise<Value> {
    const limit = new AbortScope(options, timers);
    try {
      return await run(limit);
    } catch (error) {
      limit.throwIfAborted();
      throw error;
    } finally {
      limit.#stop();
    }
  }

  /** For the steps that take a signal; undefined where there is nothing that could end the call. */
  get signal(): AbortSignal | undefined {
    if (!this.#isSet || this.#controller) return this.#controller?.signal;
    // Made only here, as it costs as much as a small request does.
    this.#controller = new AbortController();
    if (this.#over) this.#controller.abort(this.#over);
    return this.#controller.signal;
  }

  /** Throws when the call is to end. */
  throwIfAborted(): void {
    if (this.#over) throw this.#over;
  }
}
