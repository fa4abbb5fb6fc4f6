/** A plan as an async iterator. The first `next` begins to list, `return` ends it. */
import { throwIfAborted } from '../../request/abort.js';
import type { PlanSettings } from '../options.js';
import type { SyncAction } from '../sync-action.js';
import type { PlanCounts } from './plan-context.js';

/** Makes the actions. The signal ends it. */
type Start = (signal: AbortSignal, counts: PlanCounts) => AsyncGenerator<SyncAction, undefined, undefined>;

/** Actions between two reports of progress, in a directory with many files. */
const PROGRESS_ACTIONS = 256;

type Result = IteratorResult<SyncAction, undefined>;

/**
 * The actions of a plan, in the order in which they are carried out. A plan that fails has handed out no delete, unless a
 * directory failed that replaces a file.
 */
export class SyncPlan implements AsyncIterableIterator<SyncAction, undefined, undefined>, AsyncDisposable {
  /** Numbers of files, up to now; of both trees when the plan has ended. */
  readonly counts: Readonly<PlanCounts>;
  readonly #settings: PlanSettings;
  readonly #controller = new AbortController();
  readonly #actions: AsyncGenerator<SyncAction, undefined, undefined>;
  #planned = 0;
  #reported = -1;
  #scannedThen = -1;
  #isEnded = false;

  /** @internal */
  constructor(settings: PlanSettings, start: Start) {
    const counts = { scanned: 0, equal: 0, different: 0, missing: 0, extra: 0, problems: 0 };
    this.counts = counts;
    this.#settings = settings;
    this.#actions = start(this.#controller.signal, counts);
    if (settings.signal?.aborted) this.#abort();
    else settings.signal?.addEventListener('abort', this.#abort);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    try {
      throwIfAborted(this.#settings.signal);
      const result = await this.#actions.next();
      throwIfAborted(this.#settings.signal);
      if (result.done) await this.return();
      else if (result.value.kind !== 'problem') this.#planned++;
      this.#report(result.done === true);
      return result;
    } catch (error) {
      const wasEnded = this.#isEnded;
      await this.return();
      throwIfAborted(this.#settings.signal);
      // The loop that has left the plan does not wait for a failure.
      if (wasEnded) return { done: true, value: undefined };
      throw error;
    }
  }

  /** Ends the plan, and its requests. */
  async return(): Promise<Result> {
    this.#isEnded = true;
    this.#settings.signal?.removeEventListener('abort', this.#abort);
    this.#controller.abort();
    // Ends as soon as the pending request has been cancelled.
    await this.#actions.return(undefined).catch(() => undefined);
    return { done: true, value: undefined };
  }

  /** Ends the plan. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #abort = (): void => this.#controller.abort();

  #report(isLast: boolean): void {
    const { onProgress } = this.#settings;
    const { scanned } = this.counts;
    const isDue = scanned !== this.#scannedThen || this.#planned - this.#reported >= PROGRESS_ACTIONS;
    if (!onProgress || (!isDue && !isLast)) return;
    this.#scannedThen = scanned;
    this.#reported = this.#planned;
    onProgress({ scanned, planned: this.#planned });
  }
}
