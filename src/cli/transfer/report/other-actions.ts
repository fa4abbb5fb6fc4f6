/** Counts actions that send nothing. */
import type { SyncAction, SyncOutcome } from '../../../index.js';

/** What the summary says. A touched entry, or a new directory, is not worth a word. */
const words: Partial<Record<SyncAction['kind'], string>> = { rename: 'renamed', delete: 'deleted' };

export class OtherActions {
  readonly #counts = new Map<string, number>();
  #total = 0;

  add(kind: SyncAction['kind'], status: SyncOutcome['status']): void {
    const word = status === 'withheld' ? 'not deleted, because others failed' : words[kind];
    if (status !== 'withheld') this.#total += 1;
    if (word !== undefined) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  /** Actions that were carried out. */
  get total(): number {
    return this.#total;
  }

  /** `10 renamed`, `2 deleted`. */
  words(): string[] {
    return [...this.#counts].map(([word, count]) => `${count} ${word}`);
  }
}
