/** Entries that are neither sent nor deleted. */
import type { ScannedEntry } from '../scan/tree.js';
import type { ProblemAction } from '../sync-action.js';
import { actionPaths, type EntryPaths } from './plan-context.js';

export function problem(paths: EntryPaths, reason: ProblemAction['reason'], message: string): ProblemAction {
  return { kind: 'problem', ...actionPaths(paths), reason, bytes: 0, message };
}

/** The problem of an entry that is no readable file and no directory. */
export function problemOfKind(
  paths: EntryPaths,
  { kind, isUnreadable }: ScannedEntry,
  { side, skipsLinks = false }: { side: 'source' | 'target'; skipsLinks?: boolean },
): ProblemAction | undefined {
  if (kind === 'link') {
    const link = problem(paths, 'link', `The ${side} has a symbolic link here.`);
    return skipsLinks ? { ...link, isSkipped: true } : link;
  }
  if (kind === 'special') return problem(paths, 'special', `The ${side} has a pipe, device or socket here.`);
  // A file of the target is replaced or deleted without reading it.
  if (isUnreadable && side === 'source') return problem(paths, 'unreadable', 'The file cannot be read.');
  return undefined;
}
