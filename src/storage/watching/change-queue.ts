/**
 * The events of one watch, until its consumer takes them. Bounded: a consumer that is too slow gets a snapshot instead.
 *
 *     push(changes) -> #pending, the changes of a file joined -> batches() -> consumer
 *     too many      -> dropped -> `lost`, and the snapshot of the moment when the consumer takes it
 *
 * The budget bounds what all queues of a storage keep together.
 */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { ChangeBudget, KeptChanges } from './change-budget.js';
import type { StorageChange } from './storage-change.js';

/** Events that wait for a consumer: some MB of memory. Beyond it they are dropped, and the consumer gets a snapshot. */
export const MAX_PENDING_CHANGES = 16_384;

/** Entries of a snapshot in one batch. */
const SNAPSHOT_BATCH = 256;

/** Where the events come from. */
export interface ChangeSource {
  /** All entries, each directory before its content, as of now. The same array while nothing changes. */
  snapshot(): readonly FileEntry[];
  /** The watch has ended. Called once. */
  onEnd(): void;
}

export class ChangeQueue implements KeptChanges {
  readonly #source: ChangeSource;
  readonly #budget: ChangeBudget;
  #pending: StorageChange[] = [];
  /** The index in `#pending` of the last `created` or `changed` of a path, if later events may be joined with it. */
  readonly #last = new Map<RemotePath, number>();
  /** Whether changes are dropped, because a snapshot follows: the first one, or after too many changes. */
  #overflowed = true;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(source: ChangeSource, budget: ChangeBudget) {
    this.#source = source;
    this.#budget = budget;
  }

  get pendingChanges(): number {
    return this.#pending.length;
  }

  /** Adds events in their order. */
  push(changes: readonly StorageChange[]): void {
    for (const change of changes) if (!this.#overflowed) this.#add(change);
    this.#wake?.();
  }

  /** Ends the watch with an error, after the events that wait. */
  fail(error: unknown): void {
    this.#error ??= error instanceof Error ? error : TransferError.from(error);
    this.#stopWaiting();
  }

  /** Drops the changes: the consumer gets a snapshot. */
  overflow(): void {
    this.#take();
    this.#overflowed = true;
  }

  /** First a snapshot, then the changes, until the signal is aborted. To be called once. */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly StorageChange[], undefined> {
    const onAbort = (): void => this.#stopWaiting();
    signal.addEventListener('abort', onAbort);
    try {
      yield* this.#snapshot(signal);
      while (!signal.aborted) {
        if (this.#overflowed) {
          yield [{ event: 'lost' }];
          yield* this.#snapshot(signal);
        } else if (this.#pending.length > 0) yield this.#take();
        else if (this.#error) throw this.#error;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      return undefined;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#take();
      this.#source.onEnd();
    }
  }

  async *#snapshot(signal: AbortSignal): AsyncGenerator<readonly StorageChange[], void> {
    const entries = await this.#keptSnapshot(signal);
    if (!entries) return;
    try {
      for (let start = 0; start < entries.length; start += SNAPSHOT_BATCH)
        yield entries.slice(start, start + SNAPSHOT_BATCH).map((entry) => ({ event: 'present', entry }));
    } finally {
      this.#budget.snapshots.release(entries);
    }
    yield [{ event: 'ready' }];
  }

  /** The entries of the moment at which the budget has room for them; undefined if the watch ends before. */
  async #keptSnapshot(signal: AbortSignal): Promise<readonly FileEntry[] | undefined> {
    for (;;) {
      const kept = this.#keepSnapshot();
      if (typeof kept !== 'number') return kept;
      await this.#budget.snapshots.wait(this, kept);
      if (this.#error) throw this.#error;
      if (signal.aborted) return undefined;
    }
  }

  /** The entries as of now, or, without room, their number: it keeps none of them while it waits. */
  #keepSnapshot(): readonly FileEntry[] | number {
    const entries = this.#source.snapshot();
    if (!this.#budget.snapshots.keep(this, entries)) return entries.length;
    // The entries have all changes up to now.
    this.#take();
    this.#overflowed = false;
    return entries;
  }

  #stopWaiting(): void {
    this.#wake?.();
    this.#budget.snapshots.leave(this);
  }

  #take(): readonly StorageChange[] {
    const taken = this.#pending;
    this.#pending = [];
    this.#budget.releaseChanges(this, taken.length);
    this.#last.clear();
    return taken;
  }

  #add(change: StorageChange): void {
    if (change.event === 'created' || change.event === 'changed') {
      const index = this.#last.get(change.entry.path);
      const earlier = index === undefined ? undefined : this.#pending[index];
      if (index !== undefined && earlier && change.event === 'changed' && 'entry' in earlier) {
        this.#pending[index] = { ...earlier, entry: change.entry };
        return;
      }
      this.#last.set(change.entry.path, this.#pending.length);
      // What a rename or removal moves must not change its place in the order.
    } else this.#last.clear();
    this.#pending.push(change);
    this.#budget.keepChange(this);
    if (this.#pending.length > MAX_PENDING_CHANGES) this.overflow();
  }
}
