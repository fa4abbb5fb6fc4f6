/**
 * Small files that are sent together. A file costs far less as one of a group than with promises and a request of its own.
 *
 *     add(action) -> open group -> full, wanted by another action, or the plan waits -> InFlight -> carryOut(actions)
 */
import { setImmediate } from '../../../../clock.js';
import type { TransferAction } from '../../sync-action.js';
import { InFlightTask, type InFlight } from '../in-flight.js';
import { MAX_SMALL_BYTES } from './small-file-sender.js';

/** Files of a group: what a request costs besides its files is then a small part. */
const MAX_FILES = 256;

/** Bytes of the files of a group, in memory at each end. */
const MAX_BYTES = 1024 * 1024;

/** Bytes that a file counts besides its content: so a thousand small files are in flight. */
const OVERHEAD_BYTES = 8 * 1024;

/** Groups that run at once: one is read, one is on its way, and one is written. */
const MAX_RUNNING = 3;

/** With fewer groups that run, one does not wait until it is full. */
const MIN_RUNNING = 2;

interface Group {
  readonly task: InFlightTask;
  readonly actions: TransferAction[];
  bytes: number;
}

/** Carries out the actions of a group. Must not reject. */
type CarryOut = (actions: readonly TransferAction[]) => Promise<void>;

export class TransferGroups {
  readonly #inFlight: InFlight;
  readonly #carryOut: CarryOut;
  #open: Group | undefined;
  /** Groups that are complete, and wait for those that run. */
  readonly #ready: Group[] = [];
  #running = 0;

  constructor(inFlight: InFlight, carryOut: CarryOut) {
    this.#inFlight = inFlight;
    this.#carryOut = carryOut;
  }

  /** Whether an action is one of a group. */
  static takes({ source: { size } }: TransferAction): boolean {
    return size <= MAX_SMALL_BYTES;
  }

  add(action: TransferAction): void {
    const { path, bytes } = action;
    if (this.#open && this.#open.bytes + bytes > MAX_BYTES) this.complete();
    const needs = { paths: [path], isTree: false, bytes, overheadBytes: OVERHEAD_BYTES };
    let group = this.#open ?? this.#begin();
    if (!this.#inFlight.add(group.task, needs)) {
      this.complete();
      group = this.#begin();
      this.#inFlight.add(group.task, needs);
    }
    group.actions.push(action);
    group.bytes += bytes;
    if (group.actions.length === MAX_FILES) this.complete();
  }

  /** Adds no more actions to the open group. */
  complete(): void {
    if (!this.#open) return;
    this.#ready.push(this.#open);
    this.#open = undefined;
    this.#fill();
  }

  #begin(): Group {
    const group = { task: new InFlightTask(() => this.#completeIf(group)), actions: [], bytes: 0 };
    this.#open = group;
    setImmediate(() => {
      if (this.#running < MIN_RUNNING) this.#completeIf(group);
    });
    return group;
  }

  #completeIf(group: Group): void {
    if (this.#open === group) this.complete();
  }

  #fill(): void {
    while (this.#running < MAX_RUNNING) {
      const group = this.#ready.shift();
      if (!group) return;
      this.#running += 1;
      void this.#inFlight.run(group.task, () => this.#run(group));
    }
  }

  async #run({ actions }: Group): Promise<void> {
    await this.#carryOut(actions);
    this.#running -= 1;
    this.#fill();
    if (this.#running < MIN_RUNNING) this.complete();
  }
}
