/**
 * The changes of a watch that a client may see. For it, what it may not list does not exist: a rename from or to such a place
 * is a creation or a removal.
 */
import type { FileEntry } from '../../protocol/entry.js';
import { splitPath, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage, StorageChange } from '../../storage/storage.js';

/** What decides. */
export interface ChangeRules {
  /** The watched directory. */
  readonly top: RemotePath;
  /** Whether the watch is about everything below it. */
  readonly recursive: boolean;
  /** Lists a directory that was moved. */
  readonly storage: Storage;
  readonly onProgress: () => void;
  throwIfCancelled(): void;
  mayList(path: RemotePath): Promise<boolean>;
}

export async function* permittedChanges(
  batches: AsyncIterable<readonly StorageChange[]>,
  rules: ChangeRules,
): AsyncGenerator<readonly StorageChange[]> {
  for await (const batch of batches) {
    // Of one batch, because the rules may change.
    const answers = new Map<RemotePath, boolean>();
    const permitted: StorageChange[] = [];
    for (const change of batch) {
      rules.throwIfCancelled();
      // A moved directory may have more entries than a call can have arguments.
      for (const seen of await permittedOf(change, rules, answers)) permitted.push(seen);
      rules.onProgress();
    }
    yield permitted;
  }
}

async function permittedOf(
  change: StorageChange,
  rules: ChangeRules,
  answers: Map<RemotePath, boolean>,
): Promise<StorageChange[]> {
  const isVisible = (path: RemotePath): Promise<boolean> => mayList(path, rules, answers);
  if ('path' in change) return (await isVisible(change.path)) ? [change] : [];
  if (!('entry' in change)) return [change];
  if (!('from' in change)) return (await isVisible(change.entry.path)) ? [change] : [];
  const { entry, from } = change;
  const [wasVisible, isNow] = [await isVisible(from), await isVisible(entry.path)];
  if (wasVisible && isNow && entry.kind === 'file') return [change];
  // Which of the entries of a directory are visible may depend on their paths.
  const removed: StorageChange[] = wasVisible ? [{ event: 'removed', path: from }] : [];
  return isNow ? [...removed, ...(await created(entry, rules, answers))] : removed;
}

/** The permitted entries of a directory that has appeared. */
async function created(
  entry: FileEntry,
  rules: ChangeRules,
  answers: Map<RemotePath, boolean>,
): Promise<StorageChange[]> {
  const found: StorageChange[] = [{ event: 'created', entry }];
  if (entry.kind === 'file' || !rules.recursive) return found;
  try {
    const { storage, onProgress } = rules;
    for await (const inner of storage.list(entry.path, { recursive: true, onProgress })) {
      rules.throwIfCancelled();
      if (await mayList(inner.path, rules, answers)) found.push({ event: 'created', entry: inner });
    }
  } catch {
    // It is gone, which the next changes tell, or the request is cancelled.
    rules.throwIfCancelled();
  }
  return found;
}

/** Whether a path and all directories between it and the watched one may be listed. */
async function mayList(
  path: RemotePath,
  rules: ChangeRules,
  answers: Map<RemotePath, boolean>,
): Promise<boolean> {
  for (let at = path; at.length > rules.top.length; at = splitPath(at).directory) {
    const answer = answers.get(at) ?? (await rules.mayList(at));
    answers.set(at, answer);
    if (!answer) return false;
  }
  return true;
}
