/** The steps of a plan, which may wait for its next step for as long as it likes: the end of the run does not. */
import { TransferError } from '../../../errors.js';
import type { SyncAction } from '../sync-action.js';
import { SyncPlan } from '../plan/sync-plan.js';
import type { SyncActions } from './sync-actions.js';

export class StoppableSteps {
  readonly #plan: SyncActions;
  readonly #iterator: Iterator<SyncAction> | AsyncIterator<SyncAction>;
  readonly #signal: AbortSignal;
  // One listener for all steps: adding and removing one takes longer than a step.
  readonly #abort = (): void => this.#reject?.(new TransferError('ECANCELED'));
  #reject: ((error: unknown) => void) | undefined;
  #isOver = false;

  constructor(plan: SyncActions, signal: AbortSignal) {
    this.#plan = plan;
    this.#iterator = Symbol.asyncIterator in plan ? plan[Symbol.asyncIterator]() : plan[Symbol.iterator]();
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort);
  }

  /** The next step of a plan that has planned it already; undefined for any other. */
  take(): SyncAction | undefined {
    return this.#plan instanceof SyncPlan && !this.#signal.aborted ? this.#plan.take() : undefined;
  }

  /** Undefined at the end. Rejects with ECANCELED when the signal is aborted. */
  async next(): Promise<SyncAction | undefined> {
    const step = await this.#unlessAborted();
    this.#isOver = step.done === true;
    return step.done === true ? undefined : step.value;
  }

  /** Tells a plan that has not come to its end that no more steps are wanted. Waits for nothing. */
  stop(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    if (this.#isOver) return;
    this.#isOver = true;
    Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
  }

  #unlessAborted(): Promise<IteratorResult<SyncAction, unknown>> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) return reject(new TransferError('ECANCELED'));
      this.#reject = reject;
      const step = this.#iterator.next();
      if (step instanceof Promise) step.then(resolve, reject);
      else resolve(step);
    });
  }
}
