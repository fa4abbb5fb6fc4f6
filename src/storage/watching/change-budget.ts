/**
 * Bounds what all watches of a storage keep together for clients that take it slowly or never.
 *
 *     changes   -> beyond the limit, the watch that keeps the most drops them, and gets a snapshot later
 *     snapshots -> beyond the limit, a further one waits (`SnapshotBudget`)
 */
import { SnapshotBudget } from './snapshot-budget.js';

/** Changes that all watches of a storage keep: some 50 MB of memory. */
const MAX_KEPT_CHANGES = 262_144;

/** Entries of the snapshots that all watches of a storage keep: some 100 MB of memory. */
const MAX_KEPT_ENTRIES = 400_000;

/** The changes that one watch keeps. */
export interface KeptChanges {
  readonly pendingChanges: number;
  /** Drops them. */
  overflow(): void;
}

export interface ChangeBudgetLimits {
  readonly changes: number;
  readonly entries: number;
}

export class ChangeBudget {
  readonly snapshots: SnapshotBudget;
  readonly #maxChanges: number;
  readonly #keepers = new Set<KeptChanges>();
  #changes = 0;

  constructor({ changes = MAX_KEPT_CHANGES, entries = MAX_KEPT_ENTRIES }: Partial<ChangeBudgetLimits> = {}) {
    this.snapshots = new SnapshotBudget(entries);
    this.#maxChanges = changes;
  }

  /** A watch keeps a further change. */
  keepChange(keeper: KeptChanges): void {
    this.#keepers.add(keeper);
    this.#changes += 1;
    if (this.#changes > this.#maxChanges) this.#most()?.overflow();
  }

  /** A watch keeps none of its changes any longer: there were so many. */
  releaseChanges(keeper: KeptChanges, count: number): void {
    this.#keepers.delete(keeper);
    this.#changes -= count;
  }

  #most(): KeptChanges | undefined {
    let most: KeptChanges | undefined;
    for (const keeper of this.#keepers)
      if (keeper.pendingChanges > (most?.pendingChanges ?? 0)) most = keeper;
    return most;
  }
}
