/** The result of carrying out a plan, and how it is collected. */
import type { TransferError } from '../../../errors.js';
import type { ProblemAction, SyncAction } from '../sync-action.js';
import type { SyncOutcome } from './options.js';

/** An action that failed. */
export interface SyncFailure {
  readonly action: SyncAction;
  readonly error: TransferError;
}

/** What a synchronisation has done; in a dry run, what it would do. */
export interface SyncResult {
  /**
   * Whether every action was carried out and none was a problem, apart from links that `links: 'skip'` leaves out: all files
   * that were compared are equal now.
   */
  readonly isComplete: boolean;
  /** Files that were sent, also those of which only the end was sent. */
  readonly files: number;
  /** Bytes of these files that were sent or planned to be sent. */
  readonly bytes: number;
  /** Directories that were created. */
  readonly directories: number;
  /** Files that were copied within the target. */
  readonly copied: number;
  /** Files that were renamed within the target. */
  readonly renamed: number;
  /** Files and directories of which only the time or the permission bits were set. */
  readonly touched: number;
  /** Files and directories that were deleted. */
  readonly deleted: number;
  /** Deletions that were not carried out, because an action failed or a source changed. */
  readonly withheld: number;
  /** Entries that were neither sent nor deleted, such as symbolic links. */
  readonly problems: readonly ProblemAction[];
  /** Actions that failed. */
  readonly failed: readonly SyncFailure[];
  /** Actions whose source differed from the plan, or changed while it was read, twice. Their targets are as they were. */
  readonly changed: readonly SyncAction[];
  /** Entries of the three lists above that are not listed: each list has at most 10,000. */
  readonly unlisted: number;
  /** Whether nothing was changed, as the option `dryRun` says. */
  readonly dryRun: boolean;
}

/** Entries of each list of a result. More would take memory without a bound. */
const MAX_LISTED = 10_000;

type Count = 'files' | 'directories' | 'copied' | 'renamed' | 'touched' | 'deleted';

const COUNTS: Record<Exclude<SyncAction['kind'], 'problem'>, Count> = {
  'make-directory': 'directories',
  transfer: 'files',
  append: 'files',
  copy: 'copied',
  rename: 'renamed',
  touch: 'touched',
  delete: 'deleted',
};

export class ResultCounter {
  readonly #counts: Record<Count, number> = {
    files: 0,
    directories: 0,
    copied: 0,
    renamed: 0,
    touched: 0,
    deleted: 0,
  };
  readonly #problems: ProblemAction[] = [];
  readonly #failed: SyncFailure[] = [];
  readonly #changed: SyncAction[] = [];
  #hasProblem = false;
  #bytes = 0;
  #withheld = 0;
  #unlisted = 0;

  /** Whether deletions are allowed: every action before has succeeded. */
  get isClean(): boolean {
    return this.#failed.length === 0 && this.#changed.length === 0;
  }

  add(action: SyncAction, { status, error }: SyncOutcome): void {
    if (action.kind === 'problem') {
      this.#hasProblem ||= action.isSkipped !== true;
      return this.#list(this.#problems, action);
    }
    if (status === 'changed') return this.#list(this.#changed, action);
    if (status === 'withheld') return void (this.#withheld += 1);
    if (error) return this.#list(this.#failed, { action, error });
    this.#counts[COUNTS[action.kind]] += 1;
    this.#bytes += action.bytes;
  }

  result(dryRun: boolean): SyncResult {
    const [problems, failed, changed] = [this.#problems, this.#failed, this.#changed];
    const isComplete = this.isClean && !this.#hasProblem && this.#withheld === 0;
    const lists = { problems, failed, changed, unlisted: this.#unlisted };
    return { isComplete, ...this.#counts, bytes: this.#bytes, withheld: this.#withheld, ...lists, dryRun };
  }

  #list<Item>(list: Item[], item: Item): void {
    if (list.length < MAX_LISTED) list.push(item);
    else this.#unlisted += 1;
  }
}
