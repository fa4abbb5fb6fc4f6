/**
 * Finds what has changed since a plan was made, before its first step.
 *
 *     step -> what it relies on -> both sides now -> `todo`; `done` by an earlier run of the plan; or what has changed
 */
import type { DeleteAction, SyncAction, SyncVersion } from '../../../index.js';
import { isVersion, type Found, type PlanSide, type StepPlace } from './plan-side.js';

/** Whether a step is left to do, or why it cannot be done as planned. */
export type Verdict = 'todo' | 'done' | { readonly change: string };

type Sending = Exclude<SyncAction, { kind: 'make-directory' | 'touch' | 'delete' | 'problem' }>;

export class PlanCheck {
  readonly #from: PlanSide;
  readonly #to: PlanSide;
  /** Paths of the target that earlier steps delete or rename. */
  readonly #freed = new Set<string>();

  constructor(from: PlanSide, to: PlanSide) {
    this.#from = from;
    this.#to = to;
  }

  /** Takes the steps in the order of the plan. */
  verdict(step: SyncAction): Promise<Verdict> {
    const { kind, path, localPath } = step;
    if (kind === 'problem' || path === '') return Promise.resolve('todo');
    const place = { path, localPath };
    switch (kind) {
      case 'make-directory':
        return this.#directory(place);
      case 'touch':
        return this.#touch(place, step);
      case 'delete':
        this.#freed.add(path);
        return this.#deletion(place, step);
      default:
        if (kind === 'rename') this.#freed.add(step.from);
        return this.#sending(place, step);
    }
  }

  async #directory(place: StepPlace): Promise<Verdict> {
    const isFreed = this.#freed.has(place.path);
    const [source, target] = await Promise.all([this.#from(place), this.#to(place)]);
    if (!isDirectory(source)) return changed('the source has no such directory any more');
    const isUsable = target === 'missing' || isDirectory(target) || isFreed;
    return isUsable ? 'todo' : changed('the target has something else here now');
  }

  async #touch(place: StepPlace, step: Extract<SyncAction, { kind: 'touch' }>): Promise<Verdict> {
    const { source, target } = step;
    const [from, to] = await Promise.all([this.#from({ ...place, isLink: source.isLink }), this.#to(place)]);
    if (from === 'missing') return changed('the source is missing');
    // Other steps of the plan change the times of directories, and create some of them.
    if (isDirectory(from)) return 'todo';
    if (!isSame(from, source)) return changed('the source is another version');
    if (target === undefined || isSame(to, target)) return 'todo';
    return isTimedAs(to, source) ? 'done' : changed('the target is another version');
  }

  async #deletion(place: StepPlace, { entry, target, reason }: DeleteAction): Promise<Verdict> {
    const [source, found] = await Promise.all([this.#from(place), this.#to(place)]);
    if (found === 'missing') return 'done';
    if (reason === 'extra' && source !== 'missing' && source !== 'unknown')
      return changed('the source has it now, too');
    if (found === 'unknown') return 'todo';
    const isPlanned = found.kind === entry && (entry === 'directory' || !target || isSame(found, target));
    return isPlanned ? 'todo' : changed('the target is another version');
  }

  async #sending(place: StepPlace, step: Sending): Promise<Verdict> {
    const isFreed = this.#freed.has(place.path);
    const [source, target, origin] = await Promise.all([
      this.#from({ ...place, isLink: step.source.isLink }),
      this.#to(place),
      this.#origin(step),
    ]);
    if (source === 'missing') return changed('the source is missing');
    if (!isSame(source, step.source)) return changed('the source is another version');
    if (isTimedAs(target, step.source)) return 'done';
    if (origin !== undefined) return changed(origin);
    const planned = step.kind === 'rename' ? undefined : step.target;
    if (planned !== undefined)
      return isSame(target, planned) ? 'todo' : changed('the target is another version, or missing');
    const isFree = isFreed || target === 'missing' || target === 'unknown' || step.reason === 'case';
    return isFree ? 'todo' : changed('the target has it now, too');
  }

  /** What has changed at the path that a step copies or renames. */
  async #origin(step: Sending): Promise<string | undefined> {
    if (step.kind !== 'copy' && step.kind !== 'rename') return undefined;
    const { from, localFrom, origin } = step;
    const found = await this.#to({ path: from, localPath: localFrom });
    if (found === 'missing') return `the target has no ${from} any more`;
    return origin === undefined || isSame(found, origin)
      ? undefined
      : `${from} of the target is another version`;
  }
}

function isDirectory(found: Found): boolean {
  return found === 'unknown' || (found !== 'missing' && found.kind === 'directory');
}

function isSame(found: Found, planned: SyncVersion): boolean {
  return found === 'unknown' || (found !== 'missing' && isVersion(found, planned));
}

/** Whether a target has the size and the time of the source: its etag is its own. */
function isTimedAs(found: Found, { size, mtimeMs }: SyncVersion): boolean {
  if (mtimeMs === undefined || found === 'missing' || found === 'unknown') return false;
  return isVersion(found, { size, mtimeMs });
}

function changed(change: string): Verdict {
  return { change };
}
