/**
 * Watches a directory for any number of consumers.
 *
 *     fs.watch of each directory -> marks -> after 20 ms: TreeScan -> changes -> Consumers
 *     every minute, and after too many events: all directories -> `lost` before what no event has announced
 *
 * `fs.watch` is not used recursively: on Linux it takes a watch for each file there. It says only where to look, because the
 * system joins, loses and reorders its events.
 */
import type { FSWatcher } from 'node:fs';
import { clearTimeout, setImmediate, setTimeout, systemClock } from '../../../clock.js';
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageChange } from '../../storage.js';
import type { ChangeBudget } from '../../watching/change-budget.js';
import { toFileEntry } from '../calls/file-entry.js';
import { pathFailure } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import { isPrivateName } from '../walk/private-folder.js';
import { Consumers } from './consumers.js';
import { DirectoryMarks } from './directory-marks.js';
import { EntryCount, type EntryTotal } from './entry-count.js';
import { EventRate } from './event-rate.js';
import type { DirectoryWatchSettings } from './options.js';
import { identityOf, readEntries } from './read-entries.js';
import { closeWatcher, type SystemWatch } from './system-watch.js';
import { TreeScan, type MarkedNames, type ScannedTree } from './tree-scan.js';
import {
  entryOf,
  isWatched,
  nodesBelow,
  pathOf,
  type FoundEntry,
  type WatchedDirectory,
} from './watched-node.js';

/** Time in ms in which events of the system are collected. */
const SETTLE_MS = 20;

/** Interval in ms of reading directories that the system does not watch. */
const POLL_MS = 1_000;

/** The next scan waits for so many times the duration of the last one: after an event, and without one. */
const REST_FACTOR = 2;
const IDLE_REST_FACTOR = 20;

export interface TreeWatcherOptions extends DirectoryWatchSettings {
  readonly path: RemotePath;
  readonly recursive: boolean;
  readonly systemWatch: SystemWatch;
  readonly total: EntryTotal;
  /** Of what the consumers of all directories do not take. */
  readonly budget: ChangeBudget;
  /** No consumer is left, or the watch has failed. */
  readonly onEnd: () => void;
}

export class TreeWatcher implements ScannedTree {
  readonly top: RemotePath;
  readonly recursive: boolean;
  readonly root: WatchedDirectory;
  readonly #context: DirectoryContext;
  readonly #options: TreeWatcherOptions;
  readonly #consumers: Consumers;
  readonly #marks = new DirectoryMarks();
  readonly #rate = new EventRate();
  readonly #unwatched = new Set<WatchedDirectory>();
  /** All that are open, also those of a scan that has not changed the tree yet. */
  readonly #systemWatchers = new Set<FSWatcher>();
  readonly #progress = new Set<() => void>();
  /** Directories of which an event was told in the present scan. */
  #announced = new Set<WatchedDirectory>();
  #starting: Promise<void> | undefined;
  #scanning = false;
  #scanMs = 0;
  readonly #count: EntryCount;
  #timer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #rescanAt = 0;
  #error: unknown;

  constructor(context: DirectoryContext, options: TreeWatcherOptions) {
    this.#context = context;
    this.#options = options;
    this.top = options.path;
    this.recursive = options.recursive;
    this.#consumers = new Consumers({
      budget: options.budget,
      entries: () => Array.from(nodesBelow(this.root), (node) => entryOf(node, this.top)),
      onEmpty: () => this.#end(new TransferError('ECANCELED')),
    });
    const recount = (): number => [...nodesBelow(this.root)].length;
    this.#count = new EntryCount({ ...options, top: this.top, recount });
    const entry: FileEntry = { path: this.top, kind: 'directory', size: 0, mtime: new Date(0) };
    const found = { entry, identity: '', stamp: '' };
    const node = { found, children: new Map(), watcher: undefined };
    this.root = { kind: 'directory', name: '', parent: undefined, ...node };
  }

  /** Adds a consumer, which the watcher serves until it ends. Rejects if the directory cannot be watched. */
  async *changes(
    signal: AbortSignal,
    onProgress: () => void = () => undefined,
  ): AsyncGenerator<readonly StorageChange[], undefined> {
    this.#progress.add(onProgress);
    const queue = this.#consumers.add();
    // Not only when the first snapshot is read, which may take long.
    const leave = (): void => this.#consumers.remove(queue);
    signal.addEventListener('abort', leave);
    try {
      await (this.#starting ??= this.#start());
    } catch (thrown) {
      leave();
      if (signal.aborted) return undefined;
      throw thrown;
    } finally {
      signal.removeEventListener('abort', leave);
      this.#progress.delete(onProgress);
    }
    return yield* queue.batches(signal);
  }

  /** Rejects if the directory cannot be watched. */
  async #start(): Promise<void> {
    await this.#exclusively(async (startedMs) => {
      const { calls, resolver } = this.#context;
      await resolver.checkAddressable(this.top);
      this.root.found = await resolver.inDirectory(this.top, async (directory) => {
        const stats = await calls.stat(directory.at('.'));
        return { entry: toFileEntry(this.top, stats), identity: identityOf(stats), stamp: '' };
      });
      await this.watch(this.root);
      const scan = new TreeScan(this);
      await scan.run(new Map([[this.root, undefined]]));
      this.#count.settle(scan.changes);
      this.#rescanAt = startedMs + this.#options.rescanMs;
    });
    if (this.#error !== undefined) throw TransferError.from(this.#error);
  }

  // For the scan

  async read(node: WatchedDirectory, names: MarkedNames): Promise<Map<string, FoundEntry> | undefined> {
    if (this.#error !== undefined) throw TransferError.from(this.#error);
    const path = pathOf(node, this.top);
    const onProgress = (): void => this.#progress.forEach((report) => report());
    try {
      const found = await readEntries(this.#context, {
        path,
        identity: node.found.identity,
        names,
        onProgress,
      });
      if (node.children.size === 0 && names === undefined) this.#count.add(found?.size ?? 0);
      return found;
    } catch (error) {
      if (!node.parent || !hasErrno(error, 'EACCES', 'EPERM')) throw error;
      // As in a listing: its content is not told.
      return new Map([...node.children].map(([name, child]) => [name, child.found]));
    }
  }

  async watch(node: WatchedDirectory): Promise<void> {
    const path = pathOf(node, this.top);
    try {
      node.watcher = await this.#context.resolver.inDirectory(path, async ({ self }) => {
        return this.#options.systemWatch(self, (name) => this.#onEvent(node, name));
      });
      this.#systemWatchers.add(node.watcher);
      node.watcher.on('error', () => this.#unwatched.add(node));
      this.#unwatched.delete(node);
    } catch {
      // The system has no further watch, or the directory is gone, which the scan tells.
      this.#unwatched.add(node);
    }
    if (this.#error !== undefined) this.unwatch(node);
  }

  unwatch(node: WatchedDirectory): void {
    if (node.watcher) this.#systemWatchers.delete(node.watcher);
    closeWatcher(node.watcher);
    node.watcher = undefined;
    this.#unwatched.delete(node);
  }

  async settle(): Promise<ReadonlyMap<WatchedDirectory, MarkedNames>> {
    // Events are delivered between the two.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const marked = this.#marks.take();
    for (const node of marked.keys()) this.#announced.add(node);
    return marked;
  }

  mark(node: WatchedDirectory): void {
    this.#marks.add(node);
    this.#schedule();
  }

  #onEvent(node: WatchedDirectory, name: string | null): void {
    if (name !== null && isPrivateName(name)) return;
    this.#rate.add();
    this.#marks.add(node, name ?? undefined);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer || this.#scanning || this.#error !== undefined) return;
    const delayMs = Math.max(SETTLE_MS, REST_FACTOR * this.#scanMs);
    this.#timer = setTimeout(() => void this.#scan(), delayMs).unref();
  }

  #startIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    if (this.#error !== undefined) return;
    const everyMs =
      this.#unwatched.size > 0 ? Math.min(POLL_MS, this.#options.rescanMs) : this.#options.rescanMs;
    const delayMs = Math.max(everyMs, IDLE_REST_FACTOR * this.#scanMs);
    this.#idleTimer = setTimeout(() => void this.#scan(), delayMs).unref();
  }

  /** Looks at what is marked, at what is not watched, and now and then at everything. */
  #scan(): Promise<void> {
    return this.#exclusively(async (startedMs) => {
      await this.#compare(startedMs);
      this.#scanMs = systemClock() - startedMs;
    });
  }

  /** Runs one scan at a time: the events that come meanwhile are looked at afterwards. An error ends the watch. */
  async #exclusively(scan: (startedMs: number) => Promise<void>): Promise<void> {
    if (this.#scanning || this.#error !== undefined) return;
    this.#scanning = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await scan(systemClock());
    } catch (thrown) {
      this.#end(await pathFailure(this.#context.resolver, thrown, this.top));
    } finally {
      this.#scanning = false;
    }
    this.#startIdleTimer();
    if (!this.#marks.isEmpty) this.#schedule();
  }

  async #compare(nowMs: number): Promise<void> {
    const marked = this.#marks.take();
    this.#announced = new Set(marked.keys());
    const looked = new Map(marked);
    for (const node of [...this.#unwatched]) {
      await this.watch(node);
      looked.set(node, undefined);
    }
    if (this.#rate.takeExcess() || nowMs >= this.#rescanAt) {
      for (const node of this.#directories()) looked.set(node, undefined);
      this.#rescanAt = nowMs + Math.max(this.#options.rescanMs, IDLE_REST_FACTOR * this.#scanMs);
    } else if (!looked.has(this.root)) {
      // Whether it is still at its path.
      looked.set(this.root, new Set());
    }
    const scan = new TreeScan(this);
    await scan.run(looked);
    this.#count.settle(scan.changes);
    if (scan.changes.length === 0) return;
    this.#consumers.fallBehind();
    for (const [node, names] of await this.settle()) this.#marks.put(node, names);
    const isLost = [...scan.changed].some((node) => !this.#announced.has(node));
    if (isLost) scan.changes.unshift({ event: 'lost' });
    await this.#consumers.deliver(scan.changes);
  }

  /** Ends the watch for all consumers. */
  #end(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    clearTimeout(this.#timer);
    clearTimeout(this.#idleTimer);
    this.#count.release();
    for (const watcher of this.#systemWatchers) closeWatcher(watcher);
    this.#consumers.fail(error);
    this.#options.onEnd();
  }

  #directories(): WatchedDirectory[] {
    return [this.root, ...Array.from(nodesBelow(this.root)).filter(isWatched)];
  }
}
