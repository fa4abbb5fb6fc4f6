/**
 * Finds new files whose content the target has under another name, so that they are copied or renamed there, not sent.
 *
 *     walk -> addTarget: files that stay or are deleted last -> hold: new files -> resolve: equal size? equal SHA-256?
 */
import { PackedBytes, PackedItems } from '../entries/packed-items.js';
import { inOrder } from '../scan/in-order.js';
import type { ScannedEntry } from '../scan/tree.js';
import type { CopyAction, RenameAction, SyncVersion, TransferAction } from '../sync-action.js';
import { checksumOf, MIN_COMPARED_BYTES } from './decide-files.js';
import { actionPaths, sourcePath, targetPath, type EntryPaths, type PlanContext } from './plan-context.js';

/** Files of the target, and new files, that are remembered: about 5 MB of memory each. */
const MAX_FILES = 100_000;

/** Files that are packed at once: a usual tree has fewer. */
const PACK_FILES = 4_096;

/** Files that are handed out at once. */
const BATCH = 512;

/** Files of one size whose contents are compared. */
const MAX_SAME_SIZE = 8;

/** Sizes whose files are compared at the same time. */
const MAX_COMPARISONS = 4;

type Move = CopyAction | RenameAction | TransferAction;

/** A file of the target whose content the plan leaves in place until it deletes. */
export interface TargetFile extends EntryPaths {
  readonly version: SyncVersion;
  /** Whether the plan deletes it. */
  readonly isExtra: boolean;
}

export class MoveFinder {
  /** The paths, as on the server, of the files that are renamed. */
  readonly renamed = new Set<string>();
  readonly #context: PlanContext;
  /** Whether files are taken: not after they were resolved. */
  #isEnabled: boolean;
  readonly #targets = new PackedItems<TargetFile>(new PackedBytes(), PACK_FILES);
  readonly #held = new PackedItems<TransferAction>(new PackedBytes(), PACK_FILES);
  /** The files of the target that have the sizes of new ones. */
  readonly #candidates = new Map<number, TargetFile[]>();
  #targetCount = 0;
  #heldCount = 0;

  /** @param isEnabled - whether the target has any files */
  constructor(context: PlanContext, isEnabled: boolean) {
    this.#context = context;
    this.#isEnabled = isEnabled && !context.isCheck;
  }

  /** Whether a file of the target is worth remembering. */
  wants({ size }: ScannedEntry): boolean {
    return this.#isEnabled && size >= MIN_COMPARED_BYTES;
  }

  /** Adds a file that keeps its content until the copies have been made. */
  addTarget({ path, localPath }: EntryPaths, version: SyncVersion, isExtra: boolean): void {
    if (this.#targetCount++ >= MAX_FILES) return;
    this.#targets.push({ path, localPath, version, isExtra });
  }

  /** Takes a new file that may be on the target already; false if it is to be sent now. */
  hold(action: TransferAction): boolean {
    if (!this.#isEnabled || action.bytes < MIN_COMPARED_BYTES || this.#heldCount >= MAX_FILES) return false;
    this.#heldCount++;
    this.#held.push(action);
    return true;
  }

  /** The files that were taken: first those that have to be sent. */
  async *resolve(): AsyncGenerator<readonly Move[], undefined, undefined> {
    this.#isEnabled = false;
    const sizes = new Set<number>();
    if (this.#heldCount > 0) for (const { version } of this.#targets) sizes.add(version.size);
    const groups = new Map<number, TransferAction[]>();
    let others: TransferAction[] = [];
    for (const action of this.#held) {
      if (sizes.has(action.bytes)) addTo(groups, action.bytes, action);
      else if (others.push(action) >= BATCH) {
        yield others;
        others = [];
      }
    }
    yield others;
    if (groups.size > 0) for (const file of this.#targets) this.#addCandidate(file, groups);
    for await (const moves of inOrder(groups.values(), MAX_COMPARISONS, (group) => this.#resolveSize(group)))
      yield moves.flat();
    return undefined;
  }

  #addCandidate(file: TargetFile, groups: ReadonlyMap<number, unknown>): void {
    if (groups.has(file.version.size)) addTo(this.#candidates, file.version.size, file);
  }

  async #resolveSize(actions: readonly TransferAction[]): Promise<Move[]> {
    const all = this.#candidates.get(actions[0]?.bytes ?? 0) ?? [];
    const files = all.length > MAX_SAME_SIZE ? likeliest(all, actions) : all;
    const { signal, source, target } = this.#context;
    const hashed = new Map<string, TargetFile[]>();
    for (const file of files) {
      const sum = await checksumOf(target, targetPath(this.#context, file), signal);
      if (sum !== undefined) addTo(hashed, sum, file);
    }
    const sums = new Map<string, TransferAction[]>();
    for (const action of actions) {
      const paths = { path: action.path, localPath: action.localPath ?? action.path };
      addTo(sums, (await checksumOf(source, sourcePath(this.#context, paths), signal)) ?? '', action);
    }
    const isComplete = files === all && this.#targetCount <= MAX_FILES && this.#heldCount < MAX_FILES;
    return [...sums].flatMap(([sum, group]) => this.#move(group, hashed.get(sum) ?? [], isComplete));
  }

  /** @param isComplete - whether all files of the size were compared, so that one that is found alone is the only one */
  #move(
    actions: readonly TransferAction[],
    files: readonly TargetFile[],
    isComplete: boolean,
  ): readonly Move[] {
    const [file] = files;
    if (!file) return actions;
    const extra = files.filter(({ isExtra }) => isExtra);
    const [moved] = extra;
    const [first] = actions;
    if (isComplete && moved && first && extra.length === 1 && actions.length === 1) {
      this.renamed.add(moved.path);
      return [{ kind: 'rename', ...placesOf(first, moved), reason: 'moved', bytes: 0, source: first.source }];
    }
    return actions.map((action) => {
      const places = placesOf(action, file);
      return { kind: 'copy', ...places, reason: 'same-content', bytes: 0, source: action.source };
    });
  }
}

function placesOf({ path, localPath = path }: TransferAction, file: TargetFile) {
  const localFrom = file.localPath === file.path ? {} : { localFrom: file.localPath };
  return { ...actionPaths({ path, localPath }), from: file.path, ...localFrom, origin: file.version };
}

/** The files that have the time of a new one: a moved file has kept it. */
function likeliest(files: readonly TargetFile[], actions: readonly TransferAction[]): TargetFile[] {
  const times = new Set(actions.map(({ source }) => source.mtimeMs));
  return files.filter(({ version }) => times.has(version.mtimeMs)).slice(0, MAX_SAME_SIZE);
}

function addTo<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const items = map.get(key);
  if (items) items.push(item);
  else map.set(key, [item]);
}
