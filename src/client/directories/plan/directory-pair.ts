/** A directory of both trees, or of one that the other lacks, while the walk is in it or will come to it. */
import type { NameFolding, NamePairs } from '../names/pair-names.js';
import { pairNames } from '../names/pair-names.js';
import type { ScannedDirectory, ScannedEntry } from '../scan/tree.js';
import type { TransferAction } from '../sync-action.js';
import { sourcePath, targetPath, type EntryPaths, type PlanContext } from './plan-context.js';

/** An entry with its name on the server. */
export interface KeyedEntry {
  readonly key: string;
  readonly entry: ScannedEntry;
  /** Whether the other side can hold the name. */
  readonly isNamed: boolean;
}

/** The entries of a directory pair. */
export interface PairedEntries {
  readonly pairs: NamePairs<KeyedEntry>;
  /** Entries of each side that cannot be named. */
  readonly omitted: { readonly source: number; readonly target: number };
}

export interface DirectoryPair extends EntryPaths {
  readonly parent?: DirectoryPair | undefined;
  readonly source?: ScannedEntry | undefined;
  readonly target?: ScannedEntry | undefined;
  /** The file that replaces a directory of the target. */
  readonly replacement?: TransferAction | undefined;
  /** Whether the source is only listed, to see that it can be: its actions follow after deletes. */
  readonly isRehearsal: boolean;
  /** Whether entries of the target stay in the directory, so that it cannot be deleted. */
  keepsEntries: boolean;
  /** Whether the plan changes entries of the directory, and thereby its time. */
  isChanged: boolean;
  entries?: Promise<PairedEntries> | undefined;
}

/** Lists both sides and pairs the entries. Rejects with EFLOOD if the server has more than `maxEntries`. */
export async function listPair(
  context: PlanContext,
  pair: DirectoryPair,
  maxEntries?: number,
): Promise<PairedEntries> {
  const none: ScannedDirectory = { entries: [], omitted: 0 };
  const [source, target] = await Promise.all([
    pair.source ? context.source.list(sourcePath(context, pair), context.signal, maxEntries) : none,
    pair.target ? context.target.list(targetPath(context, pair), context.signal, maxEntries) : none,
  ]);
  const isUpload = context.direction === 'upload';
  const pairs = await pairNames(
    keyed(context, source, isUpload),
    keyed(context, target, !isUpload),
    foldingIn(context, pair),
  );
  return { pairs, omitted: { source: source.omitted, target: target.omitted } };
}

function keyed({ names }: PlanContext, { entries }: ScannedDirectory, isLocal: boolean): KeyedEntry[] {
  const all = entries.map((entry) => {
    const mapped = isLocal ? names.toRemote(entry.name) : names.toLocal(entry.name);
    const key = isLocal ? (mapped ?? entry.name) : entry.name;
    return { key, entry, isNamed: mapped !== undefined };
  });
  all.sort((a, b) => compareText(a.key, b.key));
  // A directory that changes while it is listed may give a name twice.
  const isRepeated = ({ key }: KeyedEntry, index: number): boolean => key === all[index - 1]?.key;
  return all.some(isRepeated) ? all.filter((entry, index) => !isRepeated(entry, index)) : all;
}

function foldingIn({ target, signal, ...context }: PlanContext, pair: DirectoryPair): NameFolding {
  const directory = targetPath({ target, signal, ...context }, pair);
  return {
    isLikely: target.foldsNames,
    // A listing without the name, of a directory that has it, shows that the name means a listed entry.
    isSame: async (_, other) => {
      const name = context.direction === 'upload' ? other : context.names.toLocal(other);
      if (name === undefined) return false;
      const found = await target.stat(directory === '' ? name : `${directory}/${name}`, signal);
      return found !== undefined;
    },
  };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
