/** The part of the storage contract about watches, for storages that have them. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import type { Storage, StorageChange } from '../../../storage/storage.js';
import type { StorageCases } from '../storage-case.js';
import { at, failsWith, fillStorageFixture, put, type WritableStorage } from '../storage-fixture.js';

/** A storage that can be watched. */
export type WatchableStorage = WritableStorage & Required<Pick<Storage, 'watch'>>;

const once = { overwrite: false };

export const watchingCases: StorageCases<WatchableStorage> = {
  async 'a watch begins with the entries of the directory, and with those below it if it is recursive'(
    storage,
  ) {
    await fillStorageFixture(storage);
    for (const recursive of [false, true]) {
      const watched = new Watched(storage, REMOTE_ROOT, recursive);
      await watched.ready();
      await watched.equals();
      await watched.end();
    }
  },
  async 'a watch tells what is created, changed, renamed and removed'(storage) {
    await storage.mkdir(at('folder'), { recursive: false });
    const watched = new Watched(storage, REMOTE_ROOT, true);
    await watched.ready();
    await watched.told('created', await put(storage, 'folder/file', 'one'));
    await watched.told('changed', await put(storage, 'folder/file', 'longer'));
    // Without `overwrite`, a file may have both names for a moment, in which a watch tells a new file.
    await storage.rename(at('folder/file'), at('renamed'), { overwrite: true });
    const renamed = await watched.told('renamed', await storage.stat(at('renamed')));
    assert.ok('from' in renamed && renamed.from === 'folder/file');
    await storage.remove(at('renamed'), { recursive: false });
    assert.deepEqual(await watched.next('removed'), { event: 'removed', path: 'renamed' });
    await watched.end();
  },
  async 'a watch follows directories that are created, moved and removed with their content'(storage) {
    const watched = new Watched(storage, REMOTE_ROOT, true);
    await watched.ready();
    await storage.mkdir(at('a/b'), { recursive: true });
    await put(storage, 'a/b/one', '1');
    await watched.until('a/b/one');
    await storage.rename(at('a'), at('z'), once);
    await put(storage, 'z/b/two', '22');
    await watched.until('z/b/two');
    await watched.equals();
    await storage.remove(at('z'), { recursive: true });
    await put(storage, 'last', '');
    await watched.until('last');
    await watched.equals();
    await watched.end();
  },
  async 'a watch that is not recursive tells only of the directory itself'(storage) {
    await storage.mkdir(at('folder/inner'), { recursive: true });
    const watched = new Watched(storage, at('folder'), false);
    await watched.ready();
    await put(storage, 'folder/inner/hidden', '');
    await put(storage, 'beside', '');
    await storage.rename(at('folder/inner/hidden'), at('folder/moved in'), once);
    await watched.until('folder/moved in');
    await storage.rename(at('folder/moved in'), at('moved out'), once);
    await put(storage, 'folder/last', '');
    await watched.until('folder/last');
    await watched.equals();
    assert.deepEqual(watched.paths, ['folder/inner', 'folder/last']);
    await watched.end();
  },
  async 'a watch fails with ENOENT without a directory, or when that is removed, and with ENOTDIR for a file'(
    storage,
  ) {
    await put(storage, 'file', '');
    await failsWith('ENOENT', new Watched(storage, at('missing'), true).ready());
    await failsWith('ENOTDIR', new Watched(storage, at('file'), true).ready());
    await storage.mkdir(at('folder'), { recursive: false });
    const watched = new Watched(storage, at('folder'), true);
    await watched.ready();
    await storage.remove(at('folder'), { recursive: true });
    await failsWith('ENOENT', watched.until('folder/never'));
  },
  async 'a watch ends when its signal is aborted, also while nothing changes'(storage) {
    const watched = new Watched(storage, REMOTE_ROOT, true);
    await watched.ready();
    const ended = watched.until('never').catch((error: unknown) => error);
    watched.controller.abort();
    assert.ok((await ended) instanceof assert.AssertionError);
  },
};

/** The entries of a directory as a watch tells them. */
class Watched {
  readonly controller = new AbortController();
  readonly #storage: WatchableStorage;
  readonly #top: RemotePath;
  readonly #recursive: boolean;
  readonly #iterator: AsyncIterator<readonly StorageChange[]>;
  readonly #entries = new Map<string, FileEntry>();
  #waiting: StorageChange[] = [];

  constructor(storage: WatchableStorage, top: RemotePath, recursive: boolean) {
    const { signal } = this.controller;
    this.#storage = storage;
    this.#top = top;
    this.#recursive = recursive;
    this.#iterator = storage.watch(top, { recursive, signal })[Symbol.asyncIterator]();
  }

  get paths(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** Takes events up to the first one of this kind. */
  async next(event: StorageChange['event']): Promise<StorageChange> {
    for (;;) {
      const change = await this.#take();
      if (change.event === event) return change;
      // A storage may tell of a file that is still being written.
      assert.equal(change.event, 'changed');
    }
  }

  /** Takes the next event of this kind, and then changes up to a version. Resolves with the event. */
  async told(event: StorageChange['event'], version: FileEntry): Promise<StorageChange> {
    const first = await this.next(event);
    for (let change = first; !isDeepStrictEqual(change, { ...change, entry: version });) {
      assert.ok('entry' in change && change.entry.path === version.path);
      change = await this.next('changed');
    }
    return first;
  }

  async ready(): Promise<void> {
    while ((await this.#take()).event !== 'ready');
  }

  /** Takes events until there is an entry at a path. */
  async until(path: string): Promise<void> {
    while (!this.#entries.has(path)) await this.#take();
  }

  /** Takes events until the told entries are those of a listing, except for the times of directories. */
  async equals(): Promise<void> {
    const listed: unknown[] = [];
    for await (const entry of this.#storage.list(this.#top, { recursive: this.#recursive }))
      listed.push(withoutDirectoryTime(entry));
    listed.sort(byPath);
    const isEqual = (): boolean => isDeepStrictEqual(this.#sorted(), listed);
    while (!isEqual()) await this.#take();
  }

  #sorted(): unknown[] {
    return [...this.#entries.values()].map(withoutDirectoryTime).sort(byPath);
  }

  async end(): Promise<void> {
    this.controller.abort();
    while (!(await this.#iterator.next()).done);
  }

  async #take(): Promise<StorageChange> {
    while (this.#waiting.length === 0) {
      const next: IteratorResult<readonly StorageChange[], unknown> = await this.#iterator.next();
      assert.ok(next.done !== true, 'The watch has ended.');
      this.#waiting = [...next.value];
    }
    const [change, ...rest] = this.#waiting;
    assert.ok(change);
    this.#waiting = rest;
    this.#apply(change);
    return change;
  }

  #apply(change: StorageChange): void {
    if ('path' in change) this.#takeOut(change.path);
    if (!('entry' in change)) return;
    const { entry } = change;
    if ('from' in change) {
      for (const [below, moved] of this.#takeOut(change.from))
        this.#entries.set(entry.path + below, { ...moved, path: at(entry.path + below) });
    }
    this.#entries.set(entry.path, entry);
  }

  /** Removes a path with everything below it. */
  #takeOut(path: string): [below: string, entry: FileEntry][] {
    const taken = [...this.#entries].filter(([each]) => each === path || each.startsWith(`${path}/`));
    for (const [each] of taken) this.#entries.delete(each);
    return taken.map(([each, entry]) => [each.slice(path.length), entry]);
  }
}

function withoutDirectoryTime({ mtime, ...entry }: FileEntry): object {
  return entry.kind === 'directory' ? entry : { ...entry, mtime };
}

function byPath(one: unknown, other: unknown): number {
  const pathOf = (entry: unknown): string => (entry as FileEntry).path;
  return pathOf(one) < pathOf(other) ? -1 : 1;
}
