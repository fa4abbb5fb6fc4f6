/** The end that a caller has set to a call of several steps: its signal, or its time, which is that of all of them. */
import type { TransferError } from '../errors.js';
import { checkNotAborted, onOver, type CallOptions } from './abort.js';

export class CallLimit {
  readonly #controller = new AbortController();
  readonly #stop: () => void;
  #over: TransferError | undefined;

  private constructor(options: CallOptions) {
    checkNotAborted(options.signal);
    this.#stop = onOver(options, (error) => {
      this.#over = error;
      this.#controller.abort(error);
    });
  }

  /** Runs a call until it ends by itself or the caller's options end it; then it rejects with ECANCELED or ETIMEDOUT. */
  static async during<Value>(
    options: CallOptions,
    run: (limit: CallLimit) => Promise<Value>,
  ): Promise<Value> {
    const limit = new CallLimit(options);
    try {
      return await run(limit);
    } catch (error) {
      limit.check();
      throw error;
    } finally {
      limit.#stop();
    }
  }

  /** For the steps that take a signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Throws when the call is to end. */
  check(): void {
    if (this.#over) throw this.#over;
  }
}
