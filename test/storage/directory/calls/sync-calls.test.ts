/** Short calls are made directly, and whatever may take long is not. */
import fs, { constants } from 'node:fs';
import { mkdir, rename, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesAt, put } from '../../../../src/contracts/storage/storage-fixture.js';
import { syncCalls } from '../../../../src/storage/directory/calls/sync-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { everyCallIsShort } from '../../../support/local-files/open-gate.js';
import { at, codeOf, listed, makeFifo, makePlace, walkings, type Place } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';

const local = { isLocal: () => true };
const MIB = 1024 * 1024;

// 256 until the end of the tick is detected, and as many by the calls that waited for it.
const MAX_IN_ONE_TURN = 512;

beforeEach(everyCallIsShort);

/** A storage with direct calls, and the calls that it left to threads. */
async function directPlace(root = local): Promise<Place & { byThreads: string[]; calls: FileCalls }> {
  const { calls: threads, made: byThreads } = new FailingCalls(0);
  const calls = syncCalls(threads, root);
  return { ...(await makePlace({ calls })), byThreads, calls };
}

describe('synchronous calls', () => {
  it('are sufficient to stat, read and replace small files', async () => {
    const { root, byThreads, calls } = await directPlace();
    const storage = new DirectoryStorage(root, { flush: false }, { calls });
    await mkdir(`${root}/folder`);
    for (const text of ['older', 'newer']) await put(storage, 'folder/file', text);
    await storage.stat(at('folder/file'));
    const file = await storage.read(at('folder/file'));
    expect(await file.read(new Uint8Array(100), 0)).toBe('newer'.length);
    expect(await file.etag()).toBe(file.entry.etag);
    await file.close();
    await storage.rename(at('folder/file'), at('folder/other'), { overwrite: false });
    await storage.remove(at('folder/other'), { recursive: false });
    // Its size is not known there.
    expect(byThreads).toEqual(['unlink']);
  });

  it('are none of those that can take long', async () => {
    const { local: place, byThreads, calls } = await directPlace();
    await writeFile(place('file'), '');
    const fd = await calls.open(place('file'), constants.O_RDWR, 0);
    await calls.read(fd, new Uint8Array(256 * 1024 + 1), 0);
    await calls.writev(fd, [new Uint8Array(512 * 1024), new Uint8Array(1)]);
    await calls.fsync(fd);
    await calls.close(fd, 2 * MIB);
    await calls.rename(place('file'), place('other'), 2 * MIB);
    await calls.rename(place('other'), place('file'));
    await calls.unlink(place('file'), 2 * MIB);
    await calls.mkdirs(place('a', 'b'));
    await (await calls.opendir(place('a'), 1)).close();
    expect(byThreads).toEqual('read writev fsync close rename rename unlink mkdirs opendir'.split(' '));
  });

  it('fail with the same errors as asynchronous calls', async () => {
    const { storage, byThreads } = await directPlace();
    const error = await storage.stat(at('missing')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ENOENT',
      path: 'missing',
      cause: { code: 'ENOENT', syscall: 'lstat' },
    });
    expect(byThreads).toEqual([]);
  });

  it('are not used when the root is not local', async () => {
    const { storage, byThreads } = await directPlace({ isLocal: () => false });
    await put(storage, 'file', 'x');
    await bytesAt(storage, 'file');
    expect(byThreads).toEqual(expect.arrayContaining(['lstat', 'open', 'writev', 'rename', 'read', 'close']));
  });

  it('leave the removal of large files to threads', async () => {
    const { storage, local: place, byThreads } = await directPlace();
    await writeFile(place('large'), '');
    await truncate(place('large'), 2 * MIB);
    const file = await storage.read(at('large'));
    expect(byThreads).toEqual([]);
    await file.close();
    const pending = await storage.write(at('large'), { overwrite: true });
    await pending.commit();
    expect(byThreads.filter((name) => name !== 'fsync')).toEqual(['close', 'rename']);
    await truncate(place('large'), 2 * MIB);
    await storage.remove(at('large'), { recursive: false });
    expect(byThreads.filter((name) => name !== 'fsync')).toEqual(['close', 'rename', 'unlink']);
  });

  it('are an option, whose value is checked', () => {
    expect(() => new DirectoryStorage('.', { fileCalls: 'threads' })).not.toThrow();
    // @ts-expect-error -- it is no choice
    expect(() => new DirectoryStorage('.', { fileCalls: 'sync' })).toThrow(TypeError);
  });
});

describe('timers and sockets', () => {
  afterEach(() => vi.restoreAllMocks());

  it('run while clients stat files continuously', async () => {
    const { storage } = await directPlace();
    await put(storage, 'file', 'x');
    const longest = countingCalls();
    let isOver = false;
    const look = async (): Promise<void> => {
      for (let looks = 0; !isOver && looks < 10_000; looks++) await storage.stat(at('file'));
      expect(isOver).toBe(true);
    };
    setTimeout(() => (isOver = true));
    await Promise.all([look(), look(), look()]);
    expect(longest.inOneTurn).toBeLessThanOrEqual(MAX_IN_ONE_TURN);
  });

  it('run while large trees are listed and removed', async () => {
    const { storage, local: place } = await directPlace();
    const trees = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const tree of trees) fill(place(tree));
    const longest = countingCalls();
    await Promise.all(trees.map((tree) => listed(storage, tree)));
    await Promise.all(trees.map((tree) => storage.remove(at(tree), { recursive: true })));
    expect(longest.calls).toBeGreaterThan(MAX_IN_ONE_TURN);
    expect(longest.inOneTurn).toBeLessThanOrEqual(MAX_IN_ONE_TURN);
    expect(await listed(storage)).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32').each(walkings)('a FIFO, walked by %s', (walking) => {
  it('blocks nothing, at any position in a path', async () => {
    const { root, local: place } = await makePlace();
    const calls = syncCalls(new FailingCalls(0).calls, local);
    const storage = new DirectoryStorage(root, {}, { walking, calls });
    await makeFifo(place('fifo'));
    expect(await codeOf(storage.read(at('fifo')))).toBe('EACCES');
    expect(await codeOf(storage.read(at('fifo/file')))).toBe('ENOTDIR');
    expect(await codeOf(storage.write(at('fifo'), { overwrite: true }))).toBe('EACCES');
    expect(await codeOf(listed(storage, 'fifo'))).toBe('ENOTDIR');
    await rename(place('fifo'), place('.socket-ftp'));
    expect(await codeOf(storage.write(at('file'), { overwrite: true }))).toBe('EACCES');
  });
});

function fill(directory: string): void {
  for (const folder of ['one', 'two']) {
    fs.mkdirSync(`${directory}/${folder}`, { recursive: true });
    for (let file = 0; file < 200; file++) fs.writeFileSync(`${directory}/${folder}/${file}`, '');
  }
}

/** Counts direct calls, and how many of them there were at most between two turns of the event loop. */
function countingCalls(): { calls: number; inOneTurn: number } {
  const counted = { calls: 0, inOneTurn: 0 };
  let inThisTurn = 0;
  for (const name of ['lstatSync', 'openSync', 'closeSync', 'rmdirSync', 'unlinkSync'] as const) {
    const call = fs[name].bind(fs) as (...args: unknown[]) => never;
    vi.spyOn(fs, name).mockImplementation((...args: unknown[]) => {
      counted.calls += 1;
      if (inThisTurn++ === 0) setImmediate(() => (inThisTurn = 0));
      counted.inOneTurn = Math.max(counted.inOneTurn, inThisTurn);
      return call(...args);
    });
  }
  return counted;
}
