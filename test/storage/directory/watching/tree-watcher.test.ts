/** Watching when the system does not tell everything. */
import { EventEmitter } from 'node:events';
import fs, { type FSWatcher } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseRemotePath, REMOTE_ROOT } from '../../../../src/protocol/remote-path.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { SystemWatch } from '../../../../src/storage/directory/watching/system-watch.js';
import type { StorageChange } from '../../../../src/storage/storage.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';

/** A watch of the system that a test makes tell something, or nothing. */
class SilentWatch extends EventEmitter {
  close(): void {
    this.removeAllListeners();
  }
}

class Watching {
  readonly root: string;
  readonly #changes: AsyncIterator<readonly StorageChange[]>;
  #waiting: StorageChange[] = [];

  constructor(
    root: string,
    systemWatch: SystemWatch,
    options: { watchRescanMs?: number; maxWatchedEntries?: number } = {},
  ) {
    const storage = new DirectoryStorage(root, options, { systemWatch });
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    this.root = root;
    const { signal } = controller;
    this.#changes = storage.watch(REMOTE_ROOT, { recursive: true, signal })[Symbol.asyncIterator]();
  }

  /** The next events, each with its path. */
  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      if (this.#waiting.length === 0)
        this.#waiting = [...((await this.#changes.next()).value as StorageChange[])];
      const [change, ...rest] = this.#waiting;
      this.#waiting = rest;
      if (!change) continue;
      const at = 'entry' in change ? ` ${change.entry.path}` : 'path' in change ? ` ${change.path}` : '';
      taken.push(`${change.event}${at}${'from' in change ? ` from ${change.from}` : ''}`);
    }
    return taken;
  }

  local(name: string): string {
    return path.join(this.root, name);
  }
}

const silent: SystemWatch = () => new SilentWatch() as unknown as FSWatcher;

const failing: SystemWatch = () => {
  throw Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' });
};

describe('a watched tree', () => {
  it('is read at intervals where the system has no further watch, and what is found comes after `lost`', async () => {
    const watching = new Watching(await temporaryDirectory(), failing);
    expect(await watching.take(1)).toEqual(['ready']);
    await mkdir(watching.local('d'));
    await writeFile(watching.local('d/f'), '');
    expect((await watching.take(3)).filter((event) => event !== 'lost')).toContain('created d');
  });

  it('is compared completely at intervals, and what no event has announced comes after `lost`', async () => {
    const watching = new Watching(await temporaryDirectory(), silent, { watchRescanMs: 30 });
    expect(await watching.take(1)).toEqual(['ready']);
    await writeFile(watching.local('f'), '');
    expect(await watching.take(2)).toEqual(['lost', 'created f']);
    await rm(watching.local('f'));
    expect((await watching.take(2)).filter((event) => !event.startsWith('changed'))).toContain('lost');
  });

  it('is not read a second time beside the first scan, but after it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const root = await temporaryDirectory();
    await writeFile(path.join(root, 'f'), '');
    const [begun, released, again] = [gate(), gate(), gate()];
    let reads = 0;
    const lstat: typeof fileCalls.lstat = async (local) => {
      if (!local.endsWith('/f')) return fileCalls.lstat(local);
      reads += 1;
      if (reads === 2) again.open();
      begun.open();
      await released.opened;
      return fileCalls.lstat(local);
    };
    const telling: SystemWatch = (local, onEvent) => {
      onEvent('f');
      return silent(local, onEvent);
    };
    const internals = { systemWatch: telling, calls: { ...fileCalls, lstat } };
    const storage = new DirectoryStorage(root, {}, internals);
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const options = { recursive: true, signal: controller.signal };
    const changes = storage.watch(REMOTE_ROOT, options)[Symbol.asyncIterator]();
    const first = changes.next();
    await begun.opened;
    await vi.advanceTimersByTimeAsync(1_000);
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
    expect(reads).toBe(1);
    released.open();
    expect(await first).toMatchObject({ value: [{ event: 'present' }] });
    await vi.advanceTimersByTimeAsync(1_000);
    await again.opened;
  });

  it('reads a directory again of which the system tells no name', async () => {
    const nameless: SystemWatch = (local, onEvent) =>
      fs.watch(local, { persistent: false }, () => onEvent(null));
    const watching = new Watching(await temporaryDirectory(), nameless);
    expect(await watching.take(1)).toEqual(['ready']);
    await writeFile(watching.local('f'), '');
    expect(await watching.take(1)).toEqual(['created f']);
  });

  it('tells renames in an order in which each name is free', async () => {
    const root = await temporaryDirectory();
    const events: ((name: string | null) => void)[] = [];
    const watch: SystemWatch = (_local, onEvent) => {
      events.push(onEvent);
      return new SilentWatch() as unknown as FSWatcher;
    };
    for (const name of ['log', 'log.1', 'a', 'b']) await writeFile(path.join(root, name), name);
    await mkdir(path.join(root, 'd/e'), { recursive: true });
    await writeFile(path.join(root, 'd/e/f'), '');
    const watching = new Watching(root, watch);
    await watching.take(8);
    const at = (name: string): string => watching.local(name);
    await rename(at('log.1'), at('log.2'));
    await rename(at('log'), at('log.1'));
    await writeFile(at('log'), 'new');
    await rename(at('a'), at('c'));
    await rename(at('b'), at('a'));
    await rename(at('c'), at('b'));
    await mkdir(at('new'));
    await rename(at('d/e'), at('new/e'));
    await rm(at('d'), { recursive: true });
    events[0]?.(null);
    const told = await watching.take(8);
    expect(told).toEqual(
      expect.arrayContaining(['renamed log.2 from log.1', 'renamed log.1 from log', 'created log']),
    );
    expect(told.indexOf('renamed log.2 from log.1')).toBeLessThan(told.indexOf('renamed log.1 from log'));
    expect(told.indexOf('renamed log.1 from log')).toBeLessThan(told.indexOf('created log'));
    expect(told).toContain('created new');
    expect(told.indexOf('renamed new/e from d/e')).toBeGreaterThan(told.indexOf('created new'));
    expect(told.indexOf('removed d')).toBeGreaterThan(told.indexOf('renamed new/e from d/e'));
    expect(told.filter((event) => / [ab]( |$)/.test(event))).toHaveLength(2);
  });

  it('fails with EMFILE beyond its limit of entries', async () => {
    const root = await temporaryDirectory();
    const watching = new Watching(root, silent, { maxWatchedEntries: 2, watchRescanMs: 30 });
    await watching.take(1);
    for (const name of ['a', 'b', 'c']) await writeFile(path.join(root, name), '');
    await expect(watching.take(10)).rejects.toMatchObject({ code: 'EMFILE', retryable: false });
    await expect(new Watching(root, silent, { maxWatchedEntries: 2 }).take(1)).rejects.toMatchObject({
      code: 'EMFILE',
    });
  });

  it('refuses a further watch beyond the entries of all, and keeps those that it has', async () => {
    const root = await temporaryDirectory();
    await mkdir(path.join(root, 'a/b/c/d'), { recursive: true });
    const storage = new DirectoryStorage(root, { maxWatchedEntries: 4 }, { systemWatch: silent });
    const begin = async (directory: string, signal: AbortSignal): Promise<unknown> => {
      const changes = storage.watch(parseRemotePath(directory), { recursive: true, signal });
      return changes[Symbol.asyncIterator]().next();
    };
    const [one, others] = [new AbortController(), new AbortController()];
    onTestFinished(() => others.abort());
    const first = storage.watch(REMOTE_ROOT, { recursive: true, signal: one.signal })[Symbol.asyncIterator]();
    await first.next();
    await begin('a', others.signal);
    await expect(begin('a/b', others.signal)).rejects.toMatchObject({ code: 'EAGAIN', path: 'a/b' });
    await first.next();
    one.abort();
    expect(await first.next()).toMatchObject({ done: true });
    expect(await begin('a/b', others.signal)).toMatchObject({ done: false });
  });

  it('is read no further when its only consumer leaves before the first snapshot', async () => {
    const root = await temporaryDirectory();
    for (const name of ['a', 'b', 'c']) await mkdir(path.join(root, name));
    const controller = new AbortController();
    let watches = 0;
    const leaving: SystemWatch = (...arguments_) => {
      watches += 1;
      controller.abort();
      return silent(...arguments_);
    };
    const storage = new DirectoryStorage(root, {}, { systemWatch: leaving });
    const { signal } = controller;
    const changes = storage.watch(REMOTE_ROOT, { recursive: true, signal })[Symbol.asyncIterator]();
    expect(await changes.next()).toMatchObject({ done: true });
    expect(watches).toBe(1);
  });

  it('leaves no watch of the system open when its only consumer leaves in the middle of the first scan', async () => {
    const root = await temporaryDirectory();
    for (const name of ['a', 'b', 'c', 'd']) await mkdir(path.join(root, name));
    const controller = new AbortController();
    const open = new Set<FSWatcher>();
    const counted: SystemWatch = (...arguments_) => {
      const watcher = silent(...arguments_);
      open.add(watcher);
      const close = watcher.close.bind(watcher);
      watcher.close = () => (open.delete(watcher), close());
      // The directories of the first ones were read, and are not in the tree yet.
      if (open.size === 4) controller.abort();
      return watcher;
    };
    const storage = new DirectoryStorage(root, {}, { systemWatch: counted });
    const { signal } = controller;
    const changes = storage.watch(REMOTE_ROOT, { recursive: true, signal })[Symbol.asyncIterator]();
    expect(await changes.next()).toMatchObject({ done: true });
    expect(open.size).toBe(0);
  });
});

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}
