/** The watches of a memory storage, which tells them of each change when it is made. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { ChangeBudget } from '../watching/change-budget.js';
import { ChangeQueue } from '../watching/change-queue.js';
import type { StorageChange, StorageWatchOptions } from '../watching/storage-change.js';
import { WatchScope } from '../watching/watch-scope.js';
import type { MemoryDirectory } from './memory-directory.js';

interface Watch {
  readonly scope: WatchScope;
  readonly queue: ChangeQueue;
  /** The entries that it is being sent, until they change. */
  snapshot: WeakRef<readonly FileEntry[]> | undefined;
}

export class MemoryWatches {
  readonly #root: MemoryDirectory;
  readonly #watches = new Set<Watch>();
  readonly #budget = new ChangeBudget();
  /** Called at the next change of a path. */
  readonly #waiters = new Map<RemotePath, Set<() => void>>();

  constructor(root: MemoryDirectory) {
    this.#root = root;
  }

  /** Watches a directory. ENOENT, ENOTDIR. */
  async *watch(
    path: RemotePath,
    { recursive, signal }: StorageWatchOptions,
  ): AsyncGenerator<readonly StorageChange[], undefined> {
    this.#root.directory(path);
    const scope = new WatchScope(path, recursive);
    const source = { snapshot: () => this.#snapshotFor(watch), onEnd: () => this.#watches.delete(watch) };
    const watch: Watch = { scope, queue: new ChangeQueue(source, this.#budget), snapshot: undefined };
    this.#watches.add(watch);
    return yield* watch.queue.batches(signal);
  }

  /** Resolves at the next change of a file, or when the signal is aborted. */
  nextChange(path: RemotePath, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(path) ?? new Set();
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        waiters.delete(wake);
        if (waiters.size === 0) this.#waiters.delete(path);
        resolve();
      };
      this.#waiters.set(path, waiters.add(wake));
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake);
    });
  }

  /** An entry has appeared at a path, or a file has another version. */
  put(entry: FileEntry, existed: boolean): void {
    this.#tell(entry.path, { event: existed ? 'changed' : 'created', entry });
    this.#wake(entry.path);
  }

  removed(path: RemotePath): void {
    this.#end(path);
    this.#tell(path, { event: 'removed', path });
    this.#wake(path);
  }

  /** To be called after the entry has its other name. */
  renamed(from: RemotePath, to: RemotePath): void {
    this.#end(from);
    const entry = this.#root.get(to).entry(to);
    for (const watch of this.#watches) {
      const { scope } = watch;
      if (scope.has(from) && scope.has(to)) push(watch, [{ event: 'renamed', entry, from }]);
      else if (scope.has(from)) push(watch, [{ event: 'removed', path: from }]);
      else if (scope.has(to)) push(watch, this.#appeared(entry, scope));
    }
    this.#wake(from);
    this.#wake(to);
  }

  #appeared(entry: FileEntry, scope: WatchScope): StorageChange[] {
    const inner = scope.recursive && entry.kind === 'directory' ? this.#below(entry.path) : [];
    return [entry, ...inner].map((each) => ({ event: 'created', entry: each }));
  }

  #tell(path: RemotePath, change: StorageChange): void {
    for (const watch of this.#watches) if (watch.scope.has(path)) push(watch, [change]);
  }

  /** Watches of a directory that is gone end. */
  #end(path: RemotePath): void {
    for (const { scope, queue } of this.#watches)
      if (scope.isAtOrBelow(path)) queue.fail(new TransferError('ENOENT', undefined, { path: scope.top }));
  }

  #wake(path: RemotePath): void {
    for (const wake of [...(this.#waiters.get(path) ?? [])]) wake();
  }

  /** Watches of the same directory share one until it changes. */
  #snapshotFor(watch: Watch): readonly FileEntry[] {
    for (const other of this.#watches) {
      const known = other.scope.equals(watch.scope) ? other.snapshot?.deref() : undefined;
      if (!known) continue;
      watch.snapshot = other.snapshot;
      return known;
    }
    const entries = [...this.#entriesIn(watch.scope)];
    watch.snapshot = new WeakRef(entries);
    return entries;
  }

  #entriesIn({ top, recursive }: WatchScope): Iterable<FileEntry> {
    return recursive ? this.#below(top) : this.#root.directory(top).entries(top, undefined);
  }

  *#below(top: RemotePath): Generator<FileEntry> {
    const waiting = [top];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      for (const entry of this.#root.directory(path).entries(path, undefined)) {
        if (entry.kind === 'directory') waiting.push(entry.path);
        yield entry;
      }
    }
  }
}

function push(watch: Watch, changes: readonly StorageChange[]): void {
  watch.snapshot = undefined;
  watch.queue.push(changes);
}
