/** Reads a plan ahead of its transfers, so that totals, percentage and the time that is left are known early. */
import { Readable } from 'node:stream';
import type { SyncAction } from '../../../index.js';

/** Actions that are read ahead, some 10 MB of memory. */
const MAX_AHEAD = 20_000;

/** What a plan sends. */
export interface PlanTotals {
  readonly bytesTotal: number;
  readonly filesTotal: number;
  /** Whether the whole plan has been read. */
  readonly isPlanned: boolean;
}

export class PlanReader {
  readonly #plan: AsyncIterable<SyncAction>;
  #bytesTotal = 0;
  #filesTotal = 0;
  #isPlanned = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(plan: AsyncIterable<SyncAction>) {
    this.#plan = plan;
  }

  get totals(): PlanTotals {
    return { bytesTotal: this.#bytesTotal, filesTotal: this.#filesTotal, isPlanned: this.#isPlanned };
  }

  /** The actions. Ending the iteration ends the plan. The error of a plan comes after its last action. */
  async *actions(): AsyncGenerator<SyncAction, undefined> {
    const ahead = Readable.from(this.#counted(), { highWaterMark: MAX_AHEAD });
    yield* ahead as AsyncIterable<SyncAction>;
    if (this.#failure) throw this.#failure.error;
    return undefined;
  }

  /** Takes an action out of the totals, which will not be carried out. */
  leaveOut(action: SyncAction): void {
    this.#count(action, -1);
  }

  async *#counted(): AsyncGenerator<SyncAction> {
    try {
      for await (const action of this.#plan) {
        this.#count(action, 1);
        yield action;
      }
      this.#isPlanned = true;
    } catch (error) {
      // Thrown here, it would take the place of the actions that were read ahead.
      this.#failure = { error };
    }
  }

  #count({ kind, bytes }: SyncAction, sign: 1 | -1): void {
    if (kind === 'transfer' || kind === 'append') this.#filesTotal += sign;
    this.#bytesTotal += sign * bytes;
  }
}
