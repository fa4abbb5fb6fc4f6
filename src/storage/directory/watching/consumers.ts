/**
 * The consumers of a watched directory, each with a queue of its own.
 *
 *     the tree has changed -> all are behind -> deliver: some of them in each turn of the event loop
 *                                           \-> snapshot: it has the changes, which its consumer does not get again
 */
import { nextTurn } from '../../../clock.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { StorageChange } from '../../storage.js';
import type { ChangeBudget } from '../../watching/change-budget.js';
import { ChangeQueue } from '../../watching/change-queue.js';

/** Changes that queues are given in one turn of the event loop: about a ms. */
const CHANGES_PER_TURN = 4_096;

export interface ConsumersOptions {
  readonly budget: ChangeBudget;
  /** The present entries. */
  readonly entries: () => readonly FileEntry[];
  /** The last one has left. */
  readonly onEmpty: () => void;
}

export class Consumers {
  readonly #options: ConsumersOptions;
  readonly #queues = new Set<ChangeQueue>();
  /** Those that do not know yet of the last changes. */
  #behind = new Set<ChangeQueue>();
  /** The entries that consumers are being sent, until they change. */
  #snapshot: WeakRef<readonly FileEntry[]> | undefined;

  constructor(options: ConsumersOptions) {
    this.#options = options;
  }

  /** Adds one, whose queue begins with a snapshot. */
  add(): ChangeQueue {
    const source = { snapshot: () => this.#snapshotFor(queue), onEnd: () => this.remove(queue) };
    const queue: ChangeQueue = new ChangeQueue(source, this.#options.budget);
    this.#queues.add(queue);
    return queue;
  }

  remove(queue: ChangeQueue): void {
    this.#behind.delete(queue);
    this.#queues.delete(queue);
    if (this.#queues.size === 0) this.#options.onEmpty();
  }

  /** Is called as soon as the entries have changed. `deliver` follows. */
  fallBehind(): void {
    this.#snapshot = undefined;
    this.#behind = new Set(this.#queues);
  }

  /** Gives the changes to all that are still behind. */
  async deliver(changes: readonly StorageChange[]): Promise<void> {
    let given = 0;
    for (const queue of this.#behind) {
      this.#behind.delete(queue);
      queue.push(changes);
      given += changes.length;
      if (given < CHANGES_PER_TURN) continue;
      given = 0;
      await nextTurn();
    }
  }

  fail(error: unknown): void {
    for (const queue of this.#queues) queue.fail(error);
  }

  /** Consumers that come before the next change share one. */
  #snapshotFor(queue: ChangeQueue): readonly FileEntry[] {
    this.#behind.delete(queue);
    const known = this.#snapshot?.deref();
    if (known) return known;
    const entries = this.#options.entries();
    this.#snapshot = new WeakRef(entries);
    return entries;
  }
}
