/**
 * The steps of a plan, from what the walk over both trees finds.
 *
 *     at once: directories, files to send    after the walk: copies, renames -> deletes -> replacements -> times
 */
import { TransferError } from '../../../errors.js';
import type {
  DeleteAction,
  ProblemAction,
  RenameAction,
  SyncAction,
  SyncVersion,
  TouchAction,
  TransferAction,
} from '../sync-action.js';
import { touchReason } from '../compare/compare-files.js';
import type { KeyedEntry } from '../entries/keyed-entry.js';
import { PackedBytes, PackedItems } from '../entries/packed-items.js';
import type { NamePair } from '../names/pair-names.js';
import { caseRename, pathsOf } from './decide-entry.js';
import type { Decision } from './decision.js';
import { checkDeletes } from './check-deletes.js';
import type { DirectoryPair, PairedEntries } from './directory-pair.js';
import type { MoveFinder } from './move-finder.js';
import type { PairVisitor } from './pair-walk.js';
import { actionPaths, versionOf, type PlanContext } from './plan-context.js';
import { problem } from './problem.js';

const ROOT = { path: '', localPath: '' };

/** Files in the place of directories, and directories in the place of files: about 100 MB of memory. */
const MAX_REPLACEMENTS = 200_000;

const NONE: readonly SyncAction[] = [];

export class PlanSteps implements PairVisitor {
  readonly #context: PlanContext;
  readonly #moves: MoveFinder;
  readonly #packedBytes = new PackedBytes();
  readonly #deletes = new PackedItems<DeleteAction>(this.#packedBytes);
  readonly #touches = new PackedItems<TouchAction>(this.#packedBytes);
  readonly #renames = new PackedItems<RenameAction>(this.#packedBytes);
  /** What comes where something else is deleted. */
  readonly #replacements: (DirectoryPair | TransferAction)[] = [];
  #sourceEntries = 0;
  #targetFiles = 0;
  #deletedFiles = 0;
  #deletedDirectories = 0;
  #refused = 0;

  constructor(context: PlanContext, moves: MoveFinder) {
    this.#context = context;
    this.#moves = moves;
  }

  enter(pair: DirectoryPair, { omitted }: PairedEntries): readonly SyncAction[] {
    const actions: SyncAction[] = [];
    if (pair.source && !pair.target && !pair.isRehearsal) {
      const version = versionOf(pair.source, this.#context);
      actions.push({
        kind: 'make-directory',
        ...actionPaths(pair),
        reason: 'new',
        bytes: 0,
        source: version,
      });
    }
    if (omitted.target > 0) pair.keepsEntries = true;
    const unnamed = omitted.source + (this.#context.settings.mode === 'mirror' ? omitted.target : 0);
    if (unnamed === 0 || pair.isRehearsal) return actions;
    const message = `The server has ${unnamed} entries in this directory whose names no path can express.`;
    return [...actions, this.#report(problem(pair, 'name', message))];
  }

  refuse(pair: DirectoryPair, error: TransferError): readonly SyncAction[] {
    // Without the root, nothing is left to plan.
    if (pair.path === '') throw error;
    this.#refused++;
    pair.keepsEntries = true;
    return pair.isRehearsal
      ? []
      : [this.#report(problem(pair, 'unreadable', `The directory cannot be listed: ${error.reason}`))];
  }

  visit(pair: DirectoryPair, entry: NamePair<KeyedEntry>, decision: Decision): readonly SyncAction[] {
    const { counts } = this.#context;
    if (!pair.isRehearsal || pair.target) counts.scanned++;
    if (pair.isRehearsal) return NONE;
    if (entry.source?.key !== entry.target?.key) this.#renameCase(pair, entry, decision);
    switch (decision.kind) {
      case 'ignored':
        pair.keepsEntries ||= decision.keeps;
        return [];
      case 'problem':
        // What only the target has does not make the source less empty.
        if (entry.source) this.#sourceEntries++;
        pair.keepsEntries ||= decision.keeps;
        return [this.#report(decision.action)];
      case 'kept':
        counts.different++;
        this.#countBoth();
        return [];
      case 'equal':
        counts.equal++;
        this.#countBoth();
        this.#stays(pair, entry, { isExtra: false, touch: decision.touch });
        return decision.touch ? [decision.touch] : NONE;
      case 'send':
        return this.#send(pair, decision);
      case 'extra':
        return this.#extra(pair, entry, decision);
      case 'directory':
        this.#sourceEntries += decision.child.source || decision.child.replacement ? 1 : 0;
        pair.isChanged ||= decision.child.target === undefined;
        return [];
      case 'replace':
        this.#countBoth();
        counts.different++;
        pair.isChanged = true;
        this.#delete(decision.action);
        this.#replace({ ...decision.child, isRehearsal: false });
        return [];
    }
  }

  leave(pair: DirectoryPair): readonly SyncAction[] {
    if (!pair.source && pair.target) return this.#leaveExtra(pair, pair.target);
    if (!pair.source || pair.isRehearsal) return [];
    const reason = this.#touchOf(pair, pair.source);
    if (reason === undefined) return [];
    const versions = {
      source: versionOf(pair.source, this.#context),
      ...(pair.target && { target: versionOf(pair.target, this.#context) }),
    };
    this.#touches.push({ kind: 'touch', ...actionPaths(pair), reason, bytes: 0, ...versions });
    return [];
  }

  /** The actions that follow after the walk, without those of `walk` for what replaces a file. */
  async *finish(
    walk: (pair: DirectoryPair) => AsyncIterable<readonly SyncAction[]>,
  ): AsyncGenerator<Iterable<SyncAction>, undefined, undefined> {
    yield* this.#moves.resolve();
    yield this.#renames;
    this.#deletedFiles -= this.#moves.renamed.size;
    if (this.#refused > 0) {
      yield this.#withoutDeletes();
    } else {
      if (!this.#context.isCheck) this.#checkDeletes();
      yield this.#deletesWithoutRenames();
      for (const replacement of this.#replacements) {
        if ('kind' in replacement) yield [replacement];
        else yield* walk(replacement);
      }
    }
    yield this.#touches;
    return undefined;
  }

  *#deletesWithoutRenames(): Generator<DeleteAction, undefined, undefined> {
    const { renamed } = this.#moves;
    for (const action of this.#deletes) if (!renamed.has(action.path)) yield action;
    return undefined;
  }

  #renameCase(pair: DirectoryPair, entry: NamePair<KeyedEntry>, decision: Decision): void {
    if (decision.kind === 'ignored' || decision.kind === 'problem') return;
    const rename = caseRename(this.#context, pair, entry);
    if (!rename) return;
    this.#renames.push(rename);
    pair.isChanged = true;
  }

  /** A file of the target keeps its content until the plan deletes. */
  #stays(
    pair: DirectoryPair,
    entry: NamePair<KeyedEntry>,
    { isExtra, touch }: { isExtra: boolean; touch?: TouchAction | undefined },
  ): void {
    if (!entry.target || !this.#moves.wants(entry.target.entry)) return;
    const version = touch ? touchedVersion(touch) : versionOf(entry.target.entry, this.#context);
    this.#moves.addTarget(pathsOf(this.#context, pair, entry), version, isExtra);
  }

  #send(pair: DirectoryPair, { action, isNew }: Decision & { kind: 'send' }): readonly SyncAction[] {
    const { counts } = this.#context;
    this.#sourceEntries++;
    pair.isChanged = true;
    counts[isNew ? 'missing' : 'different']++;
    if (!isNew) this.#targetFiles++;
    const isHeld = isNew && action.kind === 'transfer' && this.#moves.hold(action);
    return isHeld ? [] : [action];
  }

  #extra(
    pair: DirectoryPair,
    entry: NamePair<KeyedEntry>,
    { action }: Decision & { kind: 'extra' },
  ): readonly SyncAction[] {
    this.#targetFiles++;
    this.#stays(pair, entry, { isExtra: action !== undefined });
    if (!action) return NONE;
    this.#context.counts.extra++;
    pair.isChanged = true;
    this.#delete(action);
    return [];
  }

  #leaveExtra(pair: DirectoryPair, target: NonNullable<DirectoryPair['target']>): readonly SyncAction[] {
    const { parent, replacement } = pair;
    if (pair.keepsEntries) {
      if (parent) parent.keepsEntries = true;
      const message = 'The directory of the target has entries that are not deleted.';
      return replacement ? [this.#report(problem(pair, 'conflict', message))] : [];
    }
    if (parent) parent.isChanged = true;
    const reason = replacement ? 'kind' : 'extra';
    const version = versionOf(target, this.#context);
    this.#delete({
      kind: 'delete',
      ...actionPaths(pair),
      reason,
      bytes: 0,
      entry: 'directory',
      target: version,
    });
    if (replacement) {
      this.#context.counts.different++;
      this.#replace(replacement);
    }
    return [];
  }

  #replace(replacement: DirectoryPair | TransferAction): void {
    this.#replacements.push(replacement);
    if (this.#replacements.length > MAX_REPLACEMENTS)
      throw new TransferError('EFLOOD', `More than ${MAX_REPLACEMENTS} entries change their kind.`);
  }

  #delete(action: DeleteAction): void {
    this.#deletes.push(action);
    if (action.entry === 'file') this.#deletedFiles++;
    else this.#deletedDirectories++;
  }

  #checkDeletes(): void {
    checkDeletes(
      {
        sourceEntries: this.#sourceEntries,
        targetFiles: this.#targetFiles,
        deletedFiles: this.#deletedFiles,
        deletedDirectories: this.#deletedDirectories,
      },
      this.#context.settings.maxDelete,
    );
  }

  *#withoutDeletes(): Generator<ProblemAction, undefined, undefined> {
    const deletes = this.#deletedFiles + this.#deletedDirectories;
    if (deletes === 0) return undefined;
    const message = `Nothing is deleted, because ${this.#refused} directories could not be listed.`;
    yield this.#report(problem(ROOT, 'unreadable', message));
    for (const { path, localPath = path } of this.#replacements)
      yield this.#report(
        problem({ path, localPath }, 'conflict', 'The target has an entry of another kind here.'),
      );
    return undefined;
  }

  #countBoth(): void {
    this.#sourceEntries++;
    this.#targetFiles++;
  }

  #report(action: ProblemAction): ProblemAction {
    this.#context.counts.problems++;
    return action;
  }

  /** Every change of an entry sets the time of its directory, which is therefore set last. */
  #touchOf(
    pair: DirectoryPair,
    source: NonNullable<DirectoryPair['source']>,
  ): TouchAction['reason'] | undefined {
    const { target: tree, rules } = this.#context;
    if (pair.path === '' && !tree.canTouchRoot) return undefined;
    if (pair.target && !pair.isChanged) return touchReason(source, pair.target, rules.windowMs);
    const setsMode = source.mode !== undefined && tree.hasModes && source.mode !== pair.target?.mode;
    if (rules.windowMs === null) return setsMode ? 'mode' : undefined;
    return setsMode ? 'mtime-and-mode' : 'mtime';
  }
}

/** What a file is after it was touched, without its etag, which that may change. */
function touchedVersion({ source, target = source, reason }: TouchAction): SyncVersion {
  const { mtimeMs } = reason === 'mode' ? target : source;
  return mtimeMs === undefined ? { size: target.size } : { size: target.size, mtimeMs };
}
