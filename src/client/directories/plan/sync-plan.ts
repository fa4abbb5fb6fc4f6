/** A plan as an async iterator. The first `next` begins to list, `return` ends it. */
import { throwIfAborted } from '../../request/abort.js';
import type { PlanSettings } from '../options.js';
import type { SyncAction } from '../sync-action.js';
import type { PlanCounts } from './plan-context.js';

/** Batches of actions. */
export type PlannedBatches = AsyncGenerator<Iterable<SyncAction>, undefined, undefined>;

/** Begins to plan. The signal ends it. */
type Start = (signal: AbortSignal, counts: PlanCounts) => PlannedBatches;

type Result = IteratorResult<SyncAction, undefined>;

const END: Result = { done: true, value: undefined };

/**
 * The actions of a plan, in the order in which they are carried out. A plan that fails has handed out no delete, unless the
 * source of a directory that replaces a file failed after it was listed once.
 */
export class SyncPlan implements AsyncIterableIterator<SyncAction, undefined, undefined>, AsyncDisposable {
  /** Numbers of files, up to now; of both trees when the plan has ended. */
  readonly counts: Readonly<PlanCounts>;
  readonly #settings: PlanSettings;
  readonly #controller = new AbortController();
  readonly #batches: PlannedBatches;
  #batch: Iterator<SyncAction> = [].values();
  /** The last call of `next` that waits for a batch. */
  #waiting: Promise<unknown> = Promise.resolve();
  #waitingCalls = 0;
  #planned = 0;
  #isEnded = false;

  /** @internal */
  constructor(settings: PlanSettings, start: Start) {
    const counts = { scanned: 0, equal: 0, different: 0, missing: 0, extra: 0, problems: 0 };
    this.counts = counts;
    this.#settings = settings;
    this.#batches = start(this.#controller.signal, counts);
    if (settings.signal?.aborted) this.#abort();
    else settings.signal?.addEventListener('abort', this.#abort);
  }

  /** Returns the plan itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves with the next action. */
  async next(): Promise<IteratorResult<SyncAction, undefined>> {
    const action = this.take();
    if (action) return { done: false, value: action };
    // Calls take turns: a batch must be handed out before the next one is asked for.
    this.#waitingCalls++;
    const result = this.#waiting.then(() => this.#nextOfBatches());
    this.#waiting = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waitingCalls--;
    }
  }

  /**
   * The next action if it is planned already; undefined if `next` has to wait for it.
   *
   * @internal
   */
  take(): SyncAction | undefined {
    const isAborted = this.#isEnded || this.#settings.signal?.aborted === true;
    return this.#waitingCalls === 0 && !isAborted ? this.#take() : undefined;
  }

  /** Ends the plan, and its requests. */
  async return(): Promise<IteratorResult<SyncAction, undefined>> {
    this.#isEnded = true;
    this.#batch = [].values();
    this.#settings.signal?.removeEventListener('abort', this.#abort);
    this.#controller.abort();
    // Ends as soon as the pending requests have been cancelled.
    await this.#batches.return(undefined).catch(() => undefined);
    return END;
  }

  /** Ends the plan. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #abort = (): void => this.#controller.abort();

  #take(): SyncAction | undefined {
    const item = this.#batch.next();
    if (item.done) return undefined;
    if (item.value.kind !== 'problem') this.#planned++;
    return item.value;
  }

  async #nextOfBatches(): Promise<Result> {
    try {
      for (;;) {
        throwIfAborted(this.#settings.signal);
        if (this.#isEnded) return END;
        const action = this.#take();
        if (action) return { done: false, value: action };
        const { done, value } = await this.#batches.next();
        if (!this.#isEnded)
          this.#settings.onProgress?.({ scanned: this.counts.scanned, planned: this.#planned });
        if (done) return await this.return();
        this.#batch = value[Symbol.iterator]();
      }
    } catch (error) {
      const wasEnded = this.#isEnded;
      await this.return();
      throwIfAborted(this.#settings.signal);
      // The loop that has left the plan does not wait for a failure.
      if (wasEnded) return END;
      throw error;
    }
  }
}
