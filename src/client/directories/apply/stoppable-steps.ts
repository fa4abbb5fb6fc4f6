/** The steps of a plan, which may wait for its next step for as long as it likes: the end of the run does not. */
import { TransferError } from '../../../errors.js';
import type { SyncAction } from '../sync-action.js';
import type { SyncActions } from './sync-actions.js';

export class StoppableSteps {
  readonly #iterator: Iterator<SyncAction> | AsyncIterator<SyncAction>;
  readonly #signal: AbortSignal;
  #isOver = false;

  constructor(plan: SyncActions, signal: AbortSignal) {
    this.#iterator = Symbol.asyncIterator in plan ? plan[Symbol.asyncIterator]() : plan[Symbol.iterator]();
    this.#signal = signal;
  }

  /** Undefined at the end. Rejects with ECANCELED when the signal is aborted. */
  async next(): Promise<SyncAction | undefined> {
    const step = await this.#unlessAborted(async () => this.#iterator.next());
    this.#isOver = step.done === true;
    return step.done === true ? undefined : step.value;
  }

  /** Tells a plan that has not come to its end that no more steps are wanted. Waits for nothing. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
  }

  #unlessAborted<Value>(work: () => Promise<Value>): Promise<Value> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(new TransferError('ECANCELED'));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      const settle = (): void => signal.removeEventListener('abort', abort);
      work().then(resolve, reject).finally(settle);
    });
  }
}
