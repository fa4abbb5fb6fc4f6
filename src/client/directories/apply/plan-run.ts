/**
 * Carries out the actions of a plan.
 *
 *     action -> room? -> InFlight, after those that it depends on -> SyncTarget -> outcome: counted, told to onAction
 *     small files: TransferGroups -> SyncTarget.transferSmall -> outcomes; those that it leaves are carried out one by one
 *     deletions: only after all actions before them have ended, and succeeded
 *     an error that no other action survives: stop, wait for those in flight, reject
 */
import { networkCodes, TransferError } from '../../../errors.js';
import type { SyncAction, TransferAction } from '../sync-action.js';
import { InFlight } from './in-flight.js';
import type { ApplySettings, SyncOutcome } from './options.js';
import { TransferGroups } from './small-files/transfer-groups.js';
import { StoppableSteps } from './stoppable-steps.js';
import type { ProgressMeter } from './sync-progress.js';
import type { SyncActions } from './sync-actions.js';
import { ResultCounter, type SyncResult } from './result-counter.js';
import type { Carried, SyncTarget } from './target/sync-target.js';

/** Errors after which every other action would fail, too. */
const FATAL_CODES: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EAUTH',
  'ESHUTDOWN',
  'ECANCELED',
  'EPROTO',
  'EPROTONOSUPPORT',
]);

/** The same, unless the outcome is unknown: then the connection was lost, and the client may have another one. */
const CONNECTION_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', ...networkCodes]);

/** What a run needs. */
export interface PlanRunParts {
  readonly target: SyncTarget;
  readonly settings: ApplySettings;
  readonly meter: ProgressMeter;
  /** Ends all requests. */
  readonly stop: AbortController;
}

export class PlanRun {
  readonly #parts: PlanRunParts;
  readonly #inFlight = new InFlight();
  readonly #groups = new TransferGroups(this.#inFlight, (actions) => this.#carryOutGroup(actions));
  readonly #result = new ResultCounter();
  /** The first error that ended the run; what a callback has thrown may be anything. */
  #end: { readonly thrown: unknown } | undefined;
  #isDeleting = false;

  constructor(parts: PlanRunParts) {
    this.#parts = parts;
  }

  /** Rejects with the error of the plan, or with one that no other action survives. */
  async run(plan: SyncActions): Promise<SyncResult> {
    const { meter, settings } = this.#parts;
    const steps = new StoppableSteps(plan, this.#parts.stop.signal);
    try {
      for (;;) {
        const action = steps.take() ?? (await steps.next());
        if (!action || this.#end) break;
        this.#guard(() => meter.planned(action));
        if (this.#end) break;
        if (action.kind === 'transfer' && this.#groupsNow(action)) this.#groups.add(action);
        else await this.#take(action);
      }
      this.#guard(() => meter.planEnded());
    } catch (thrown) {
      this.#fail(thrown);
    }
    steps.stop();
    this.#groups.complete();
    await this.#inFlight.drained();
    this.#guard(() => meter.finish());
    if (this.#end) throw this.#end.thrown;
    return this.#result.result(settings.dryRun);
  }

  /** Whether a file can be added to a group without a wait. */
  #groupsNow(action: TransferAction): boolean {
    const isFree = !this.#parts.settings.dryRun && !this.#isDeleting && this.#inFlight.hasRoom;
    return isFree && TransferGroups.takes(action);
  }

  async #take(action: SyncAction): Promise<void> {
    if (action.kind === 'problem') return this.#settle(action, { status: 'problem' });
    if (this.#parts.settings.dryRun) return this.#settle(action, { status: 'planned' });
    await this.#inFlight.room();
    if (action.kind === 'delete' && !this.#isDeleting) await this.#drained();
    this.#isDeleting = action.kind === 'delete';
    if (this.#end) return;
    if (this.#isDeleting && !this.#result.isClean) return this.#settle(action, { status: 'withheld' });
    if (action.kind === 'transfer' && TransferGroups.takes(action)) return this.#groups.add(action);
    this.#inFlight.start(needsOf(action), () => this.#carryOut(action));
  }

  #drained(): Promise<void> {
    this.#groups.complete();
    return this.#inFlight.drained();
  }

  async #carryOutGroup(actions: readonly TransferAction[]): Promise<void> {
    if (this.#end) return;
    const { target, stop, meter } = this.#parts;
    try {
      stop.signal.throwIfAborted();
      const left = await target.transferSmall(actions, (action, outcome) => {
        if (outcome instanceof TransferError) return this.#settleFailure(action, outcome);
        this.#guard(() => meter.stored(action));
        this.#settle(action, { status: outcome });
      });
      await Promise.all(left.map((action) => this.#carryOut(action)));
    } catch (thrown) {
      this.#fail(TransferError.from(thrown));
    }
  }

  async #carryOut(action: Exclude<SyncAction, { kind: 'problem' }>): Promise<void> {
    if (this.#end) return;
    try {
      this.#parts.stop.signal.throwIfAborted();
      this.#settle(action, { status: await this.#perform(action) });
    } catch (thrown) {
      this.#settleFailure(action, TransferError.from(thrown));
    }
  }

  #settleFailure(action: SyncAction, error: TransferError): void {
    if (isFatal(error)) this.#fail(error);
    else this.#settle(action, { status: 'failed', error });
  }

  async #perform(action: Exclude<SyncAction, { kind: 'problem' }>): Promise<Carried> {
    const { target, meter } = this.#parts;
    switch (action.kind) {
      case 'transfer':
        return target.transfer(action, meter.of(action));
      case 'append':
        return target.append(action, meter.of(action));
      case 'make-directory':
        await target.makeDirectory(action);
        return 'done';
      case 'copy':
        await target.copy(action);
        return 'done';
      case 'rename':
        await target.rename(action);
        return 'done';
      case 'touch':
        await target.touch(action);
        return 'done';
      case 'delete':
        await target.delete(action);
        return 'done';
    }
  }

  #settle(action: SyncAction, outcome: SyncOutcome): void {
    const { meter, settings } = this.#parts;
    this.#result.add(action, outcome);
    this.#guard(() => {
      meter.ended(action, outcome.status === 'done');
      settings.onAction?.(action, outcome);
    });
  }

  /** Calls code of the caller: what it throws ends the run. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    if (this.#end) return;
    this.#end = { thrown };
    this.#parts.stop.abort(thrown);
  }
}

function isFatal({ code, outcomeUnknown }: TransferError): boolean {
  return FATAL_CODES.has(code) || (CONNECTION_CODES.has(code) && !outcomeUnknown);
}

function needsOf(action: SyncAction): { paths: string[]; isTree: boolean; bytes: number } {
  const { path, kind, bytes } = action;
  const paths = kind === 'copy' || kind === 'rename' ? [path, action.from] : [path];
  // A directory is deleted after its contents, and gets its time after them.
  return { paths, isTree: kind === 'delete' || kind === 'touch' || kind === 'rename', bytes };
}
