/** The watchers of a directory storage. Consumers of the same directory share one. */
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageChange, StorageWatchOptions } from '../../storage.js';
import { ChangeBudget } from '../../watching/change-budget.js';
import type { DirectoryContext } from '../directory-context.js';
import { TOTAL_FACTOR, type EntryTotal } from './entry-count.js';
import type { DirectoryWatchSettings } from './options.js';
import { systemWatch as nodeWatch, type SystemWatch } from './system-watch.js';
import { TreeWatcher } from './tree-watcher.js';

export class TreeWatchers {
  readonly #context: () => DirectoryContext;
  readonly #settings: DirectoryWatchSettings;
  readonly #systemWatch: SystemWatch;
  readonly #watchers = new Map<string, TreeWatcher>();
  readonly #total: EntryTotal = { entries: 0 };
  readonly #budget: ChangeBudget;

  constructor(
    context: () => DirectoryContext,
    settings: DirectoryWatchSettings,
    systemWatch: SystemWatch = nodeWatch,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#systemWatch = systemWatch;
    this.#budget = new ChangeBudget({ entries: TOTAL_FACTOR * settings.maxEntries });
  }

  /** Number of directories that are watched, each with or without what is below. */
  get size(): number {
    return this.#watchers.size;
  }

  async *watch(
    path: RemotePath,
    { recursive, signal, onProgress }: StorageWatchOptions,
  ): AsyncGenerator<readonly StorageChange[], undefined> {
    const key = `${recursive ? 'tree' : 'directory'} ${path}`;
    const watcher = this.#watchers.get(key) ?? this.#add(key, path, recursive);
    return yield* watcher.changes(signal, onProgress);
  }

  #add(key: string, path: RemotePath, recursive: boolean): TreeWatcher {
    const watcher: TreeWatcher = new TreeWatcher(this.#context(), {
      ...this.#settings,
      path,
      recursive,
      systemWatch: this.#systemWatch,
      total: this.#total,
      budget: this.#budget,
      onEnd: () => {
        if (this.#watchers.get(key) === watcher) this.#watchers.delete(key);
      },
    });
    this.#watchers.set(key, watcher);
    return watcher;
  }
}
