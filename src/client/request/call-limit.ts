/** The end that a caller has set to a call of several steps: its signal, or its time, which is that of all of them. */
import type { TransferError } from '../../errors.js';
import { checkNotAborted, onOver, type CallOptions } from './abort.js';

export class CallLimit {
  readonly #isSet: boolean;
  #controller: AbortController | undefined;
  readonly #stop: () => void;
  #over: TransferError | undefined;

  private constructor(options: CallOptions) {
    checkNotAborted(options.signal);
    this.#isSet = options.signal !== undefined || options.timeoutMs !== undefined;
    this.#stop = onOver(options, (error) => {
      this.#over = error;
      this.#controller?.abort(error);
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

  /** For the steps that take a signal; undefined where there is nothing that could end the call. */
  get signal(): AbortSignal | undefined {
    if (!this.#isSet || this.#controller) return this.#controller?.signal;
    // Made only here, as it costs as much as a small request does.
    this.#controller = new AbortController();
    if (this.#over) this.#controller.abort(this.#over);
    return this.#controller.signal;
  }

  /** Throws when the call is to end. */
  check(): void {
    if (this.#over) throw this.#over;
  }
}
