/** A directory of both trees, or of one that the other lacks, while the walk is in it or will come to it. */
import { EntryList } from '../entries/entry-list.js';
import type { KeyedEntry } from '../entries/keyed-entry.js';
import { pairNames, type NameFolding, type NamePair } from '../names/pair-names.js';
import type { ScannedEntry } from '../scan/tree.js';
import type { TransferAction } from '../sync-action.js';
import { sourcePath, targetPath, type EntryPaths, type PlanContext } from './plan-context.js';

/** The entries of a directory pair. */
export interface PairedEntries {
  readonly pairs: Iterable<NamePair<KeyedEntry>>;
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
  const listed = async (side: 'source' | 'target') => {
    const entries = new EntryList();
    const isLocal = (context.direction === 'upload') === (side === 'source');
    const add = (entry: ScannedEntry): void => entries.add(keyed(context, entry, isLocal));
    const path = side === 'source' ? sourcePath(context, pair) : targetPath(context, pair);
    const { signal } = context;
    const omitted = pair[side] ? await context[side].list(path, { signal, maxEntries, add }) : 0;
    return { entries: entries.sorted(), omitted };
  };
  const [source, target] = await Promise.all([listed('source'), listed('target')]);
  const pairs = await pairNames(source.entries, target.entries, foldingIn(context, pair));
  return { pairs, omitted: { source: source.omitted, target: target.omitted } };
}

function keyed({ names }: PlanContext, entry: ScannedEntry, isLocal: boolean): KeyedEntry {
  const { name } = entry;
  const mapped = isLocal ? names.toRemote(name) : names.toLocal(name);
  return { key: isLocal ? (mapped ?? name) : name, entry, isNamed: mapped !== undefined };
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
