/** The time of a directory, which its private folder does not change. */
import { mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, makePlace, partsIn, walkings, type Place } from '../directory-fixture.js';

const replace = { overwrite: true };
const resumable = { ...replace, uploadId: 'id' };
const HOUR = 60 * 60 * 1000;

/** With microseconds, as the system writes times; before 1970 on demand. */
const TIMES = { usual: 1_600_000_000.123456, early: -1_600_000_000.654321 };

afterEach(() => void vi.useRealTimers());

async function timeOf(directory: string): Promise<bigint> {
  return (await stat(directory, { bigint: true })).mtimeNs / 1_000n;
}

/** A storage with the directory `folder`, and the time of this directory. */
async function makeFolder(
  walking: (typeof walkings)[number],
  time = TIMES.usual,
  calls = fileCalls,
): Promise<Place & { folder: string; before: bigint }> {
  const place = await makePlace({ walking, calls });
  const folder = place.local('folder');
  await mkdir(folder);
  await utimes(folder, String(time), String(time));
  return { ...place, folder, before: await timeOf(folder) };
}

describe.each(walkings)('the time of a directory, walked by %s', (walking) => {
  it.each(Object.entries(TIMES))('(%s) is the same after an upload was discarded', async (_name, time) => {
    const { storage, folder, before } = await makeFolder(walking, time);
    const pending = await storage.write(at('folder/file'), replace);
    await pending.write([Buffer.from('x')]);
    expect(await partsIn(folder)).toHaveLength(1);
    expect(await timeOf(folder)).toBe(before);
    await pending.discard();
    await storage.close();
    expect(await readdir(folder)).toEqual([]);
    expect(await timeOf(folder)).toBe(before);
  });

  it('is that of the last upload, or what a client sets, when the private folder is removed', async () => {
    const { storage, folder, before } = await makeFolder(walking);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await put(storage, 'folder/file', 'x');
    const uploaded = await timeOf(folder);
    expect(uploaded).toBeGreaterThan(before);
    await vi.advanceTimersByTimeAsync(20_000);
    while (await partsIn(folder)) await nextTurn();
    while ((await timeOf(folder)) !== uploaded) await nextTurn();
    await put(storage, 'folder/file', 'x');
    await storage.utimes(at('folder'), new Date(1_500_000_000_000));
    await storage.close();
    expect(await readdir(folder)).toEqual(['file']);
    expect(await timeOf(folder)).toBe(1_500_000_000_000_000n);
  });

  it('is the same when a sweep removes what a killed process has left', async () => {
    const { storage, local, folder, before } = await makeFolder(walking);
    const killed = await new DirectoryStorage(local('')).write(at('folder/file'), resumable);
    await killed.write([Buffer.from('x')]);
    await killed.suspend?.();
    expect(await timeOf(folder)).toBe(before);
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() + 25 * HOUR });
    const pending = await storage.write(at('folder/other'), replace);
    await pending.discard();
    await storage.close();
    expect(await readdir(folder)).toEqual([]);
    expect(await timeOf(folder)).toBe(before);
  });

  it('is what a client sets while the private folder is removed', async () => {
    const calls = { ...fileCalls };
    const { storage, folder } = await makeFolder(walking, TIMES.usual, calls);
    await put(storage, 'folder/file', 'x');
    let set: Promise<unknown> | undefined;
    calls.rmdir = (path) => {
      set = storage.utimes(at('folder'), new Date(1_500_000_000_000));
      return fileCalls.rmdir(path);
    };
    await storage.close();
    await set;
    expect(await readdir(folder)).toEqual(['file']);
    expect(await timeOf(folder)).toBe(1_500_000_000_000_000n);
  });

  it('may change where this process may not set it, and uploads work there', async () => {
    const calls = {
      ...fileCalls,
      resetTimes: () => Promise.reject(Object.assign(new Error(), { code: 'EPERM' })),
    };
    const { storage, folder } = await makeFolder(walking, TIMES.usual, calls);
    await put(storage, 'folder/file', 'x');
    await storage.close();
    expect(await readdir(folder)).toEqual(['file']);
  });
});
