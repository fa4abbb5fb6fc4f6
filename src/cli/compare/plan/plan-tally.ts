/** Counts the steps of a plan, for the summary and the exit code. */
import type { SyncAction } from '../../../index.js';
import { formatSize } from '../../values/size.js';

const words: Record<SyncAction['kind'], string> = {
  'make-directory': 'to create',
  transfer: 'to send',
  append: 'to extend',
  copy: 'to copy',
  rename: 'to rename',
  touch: 'to touch',
  delete: 'to delete',
  problem: 'with a problem',
};

export class PlanTally {
  readonly #counts = new Map<SyncAction['kind'], number>();
  #bytes = 0;
  #failing = 0;

  add(action: SyncAction): void {
    this.#counts.set(action.kind, (this.#counts.get(action.kind) ?? 0) + 1);
    this.#bytes += action.bytes;
    if (action.kind === 'problem' && !action.isSkipped) this.#failing += 1;
  }

  /** Steps that change something. */
  get steps(): number {
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    return all - (this.#counts.get('problem') ?? 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Problems that an option has not asked for. */
  get failing(): number {
    return this.#failing;
  }

  /** `3 to send, 1 to delete, 12 KiB`; the numbers of each kind. */
  summary(): string {
    const parts = [...this.#counts].map(([kind, count]) => `${count} ${words[kind]}`);
    if (parts.length === 0) return 'Nothing to do: both sides are equal.';
    return [...parts, formatSize(this.#bytes)].join(', ');
  }
}
