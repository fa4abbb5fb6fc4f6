/**
 * Walks both trees together, directory by directory, each before its subdirectories. Only the directories on the way and
 * those that are listed ahead are in memory.
 *
 *     stack of directory pairs -> list both -> pair the names -> decide on each -> actions; subdirectories to the stack
 */
import { nextTurn } from '../../../clock.js';
import { TransferError } from '../../../errors.js';
import type { KeyedEntry } from '../entries/keyed-entry.js';
import { inOrder } from '../scan/in-order.js';
import type { SyncAction } from '../sync-action.js';
import { decideEntry } from './decide-entry.js';
import type { NamePair } from '../names/pair-names.js';
import type { Decision } from './decision.js';
import { listPair, type DirectoryPair, type PairedEntries } from './directory-pair.js';
import type { PlanContext } from './plan-context.js';
import { WaitingDirectories, type WaitingLimits } from '../scan/waiting-directories.js';

/** Directories that are listed ahead, to hide the time of a round trip. */
const MAX_AHEAD = 16;

/** Entries of a directory that are listed ahead: about 5 MB of memory. A larger directory is listed in its turn. */
const MAX_ENTRIES_AHEAD = 20_000;

/** Files of a directory whose contents are compared at the same time. */
const MAX_COMPARISONS = 8;

/** Entries that are compared in one turn of the event loop: some ms. */
const ENTRIES_PER_TURN = 4_096;

/** Errors that concern one directory. With any other one, the plan fails. */
const REFUSALS = ['EACCES', 'ENOENT', 'ENOTDIR', 'ELOOP', 'EILSEQ', 'ENAMETOOLONG'];

/** Takes what the walk finds, and returns the actions that follow from it at once. */
export interface PairVisitor {
  /** Before the entries of a directory. */
  enter(pair: DirectoryPair, entries: PairedEntries): readonly SyncAction[];
  /** A directory that cannot be listed. */
  refuse(pair: DirectoryPair, error: TransferError): readonly SyncAction[];
  /** An entry, in the order of the names. */
  visit(pair: DirectoryPair, entry: NamePair<KeyedEntry>, decision: Decision): readonly SyncAction[];
  /** After everything in a directory and below it. */
  leave(pair: DirectoryPair): readonly SyncAction[];
}

interface Decided {
  readonly entry: NamePair<KeyedEntry>;
  readonly decision: Decision;
}

type Step = { readonly enter: DirectoryPair } | { readonly leave: DirectoryPair };

export class PairWalk {
  readonly #context: PlanContext;
  readonly #visitor: PairVisitor;
  readonly #stack: Step[] = [];
  readonly #waiting: WaitingDirectories;
  #ahead = 0;

  constructor(context: PlanContext, visitor: PairVisitor, limits?: WaitingLimits) {
    this.#context = context;
    this.#visitor = visitor;
    this.#waiting = new WaitingDirectories(context.direction === 'upload' ? 'target' : 'source', limits);
  }

  /** Walks a directory and everything below it. */
  async *run(root: DirectoryPair): AsyncGenerator<readonly SyncAction[], undefined, undefined> {
    this.#push(root);
    for (let step = this.#stack.pop(); step; step = this.#stack.pop()) {
      this.#context.signal.throwIfAborted();
      if ('leave' in step) {
        this.#waiting.remove(step.leave);
        // Those beside a directory without subdirectories come next.
        this.#listAhead();
        yield this.#visitor.leave(step.leave);
      } else yield* this.#enter(step.enter);
    }
    return undefined;
  }

  #push(enter: DirectoryPair): void {
    this.#waiting.add(enter);
    this.#stack.push({ enter });
  }

  async *#enter(pair: DirectoryPair): AsyncGenerator<readonly SyncAction[], undefined, undefined> {
    this.#stack.push({ leave: pair });
    const listed = await this.#entriesOf(pair);
    if (listed instanceof TransferError) {
      yield this.#visitor.refuse(pair, listed);
      return undefined;
    }
    yield this.#visitor.enter(pair, listed);
    const children: DirectoryPair[] = [];
    let count = 0;
    let turnAt = 0;
    const decided = inOrder(listed.pairs, MAX_COMPARISONS, (entry) => this.#decide(pair, entry));
    for await (const batch of decided) {
      const actions: SyncAction[] = [];
      count += batch.length;
      for (const { entry, decision } of batch) {
        if (decision.kind === 'directory' || decision.kind === 'replace') children.push(decision.child);
        for (const action of this.#visitor.visit(pair, entry, decision)) actions.push(action);
      }
      yield actions;
      if (count - turnAt < ENTRIES_PER_TURN) continue;
      turnAt = count;
      await nextTurn();
    }
    for (const enter of children.reverse()) this.#push(enter);
    this.#listAhead();
    return undefined;
  }

  #decide(pair: DirectoryPair, entry: NamePair<KeyedEntry>): Decided | Promise<Decided> {
    const decision = decideEntry(this.#context, pair, entry);
    if (!(decision instanceof Promise)) return { entry, decision };
    return decision.then((later) => ({ entry, decision: later }));
  }

  async #entriesOf(pair: DirectoryPair): Promise<PairedEntries | TransferError> {
    try {
      return (await this.#listedAhead(pair)) ?? (await listPair(this.#context, pair));
    } catch (error) {
      if (error instanceof TransferError && REFUSALS.includes(error.code)) return error;
      throw error;
    }
  }

  /** Undefined for a directory that was not listed ahead, or is too large for that. */
  async #listedAhead(pair: DirectoryPair): Promise<PairedEntries | undefined> {
    const { entries } = pair;
    if (!entries) return undefined;
    pair.entries = undefined;
    this.#ahead--;
    try {
      return await entries;
    } catch (error) {
      if (error instanceof TransferError && error.code === 'EFLOOD') return undefined;
      throw error;
    }
  }

  /** Begins to list the directories that come next. Those of outer directories leave half of the room to inner ones. */
  #listAhead(): void {
    const next = this.#nextBesideEachOther();
    const outer = this.#ahead - next.filter(({ entries }) => entries !== undefined).length;
    for (const pair of next.slice(0, Math.ceil((MAX_AHEAD - outer) / 2))) {
      if (pair.entries) continue;
      pair.entries = listPair(this.#context, pair, MAX_ENTRIES_AHEAD);
      pair.entries.catch(() => undefined);
      this.#ahead++;
    }
  }

  /** The next directories of the innermost directory that has some, at most as many as are listed ahead. */
  #nextBesideEachOther(): DirectoryPair[] {
    const next: DirectoryPair[] = [];
    for (let index = this.#stack.length - 1; index >= 0 && next.length < MAX_AHEAD; index--) {
      const step = this.#stack[index] as Step;
      // The rest of the stack is that of outer directories.
      if ('leave' in step) break;
      next.push(step.enter);
    }
    return next;
  }
}
