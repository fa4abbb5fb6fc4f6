/**
 * Bounds what all watches of a storage keep together for clients that take it slowly or never.
 *
 *     changes   -> beyond the limit, the watch that keeps the most drops them, and gets a snapshot later
 *     snapshots -> beyond the limit, a further one is refused; one that several watches send counts once
 */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';

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
  readonly #limits: ChangeBudgetLimits;
  readonly #keepers = new Set<KeptChanges>();
  /** The watches that send each of them. */
  readonly #snapshots = new Map<readonly FileEntry[], number>();
  #changes = 0;
  #entries = 0;

  constructor({ changes = MAX_KEPT_CHANGES, entries = MAX_KEPT_ENTRIES }: Partial<ChangeBudgetLimits> = {}) {
    this.#limits = { changes, entries };
  }

  /** A watch keeps a further change. */
  keepChange(keeper: KeptChanges): void {
    this.#keepers.add(keeper);
    this.#changes += 1;
    if (this.#changes > this.#limits.changes) this.#most()?.overflow();
  }

  /** A watch keeps none of its changes any longer: there were so many. */
  releaseChanges(keeper: KeptChanges, count: number): void {
    this.#keepers.delete(keeper);
    this.#changes -= count;
  }

  /** A watch begins to send a snapshot. EAGAIN beyond the limit, unless there is no other snapshot. */
  keepSnapshot(entries: readonly FileEntry[]): void {
    const watches = this.#snapshots.get(entries);
    if (watches !== undefined) return void this.#snapshots.set(entries, watches + 1);
    const total = this.#entries + entries.length;
    if (total > this.#limits.entries && this.#snapshots.size > 0)
      throw new TransferError('EAGAIN', 'Too many snapshots of watched directories wait for their clients.');
    this.#entries = total;
    this.#snapshots.set(entries, 1);
  }

  releaseSnapshot(entries: readonly FileEntry[]): void {
    const watches = (this.#snapshots.get(entries) ?? 0) - 1;
    if (watches > 0) return void this.#snapshots.set(entries, watches);
    this.#snapshots.delete(entries);
    this.#entries -= entries.length;
  }

  #most(): KeptChanges | undefined {
    let most: KeptChanges | undefined;
    for (const keeper of this.#keepers)
      if (keeper.pendingChanges > (most?.pendingChanges ?? 0)) most = keeper;
    return most;
  }
}
