/** How long the private folder keeps suspended uploads, and how many. */
import { chmod, link, mkdir, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, codeOf, listed, makePlace, partsIn, textOf, type Place } from '../directory-fixture.js';

const HOUR = 60 * 60 * 1000;

afterEach(() => void vi.useRealTimers());

/** Lets time pass for the storage; the disk has its own. */
function later(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

async function suspend(storage: DirectoryStorage, name: string): Promise<void> {
  const pending = await storage.write(at(name), { overwrite: true, uploadId: 'id' });
  await pending.write([Buffer.from(name)]);
  await pending.suspend?.();
}

async function commit(storage: DirectoryStorage, name: string): Promise<void> {
  const pending = await storage.write(at(name), { overwrite: true, uploadId: 'id' });
  await pending.write([Buffer.from(name)]);
  await pending.commit('token');
}

async function knows(storage: DirectoryStorage, name: string): Promise<string | undefined> {
  const found = await storage.resume(at(name), { overwrite: true, uploadId: 'id' });
  if (found?.kind === 'pending') await found.pending.suspend?.();
  return found?.kind;
}

/** Calls by which each file that is made is a second younger than the one before, as the disk does not tell. */
function agingCalls(): FileCalls {
  const made: string[] = [];
  return {
    ...fileCalls,
    open: (name, flags, mode) => {
      // The directory above has another handle each time.
      const base = path.basename(name);
      if ((flags & constants.O_CREAT) !== 0 && !made.includes(base)) made.push(base);
      return fileCalls.open(name, flags, mode);
    },
    lstat: async (name) => {
      const stats = await fileCalls.lstat(name);
      stats.ctimeMs += BigInt(made.indexOf(path.basename(name)) * 1_000);
      return stats;
    },
  };
}

async function count({ root }: Place, ending: string): Promise<number> {
  const names = (await partsIn(root)) ?? [];
  return names.filter((name) => name.endsWith(ending)).length;
}

/** Resolves when there are this many: a sweep runs in parallel to the request that started it. */
async function comesTo(place: Place, ending: string, wanted: number): Promise<void> {
  while ((await count(place, ending)) !== wanted) await new Promise((resolve) => setImmediate(resolve));
}

describe('a suspended upload', () => {
  it('is unknown after its expiry, as is a committed one', async () => {
    const { storage } = await makePlace();
    await suspend(storage, 'suspended');
    await commit(storage, 'committed');
    later(23 * HOUR);
    expect(await knows(storage, 'suspended')).toBe('pending');
    expect(await knows(storage, 'committed')).toBe('committed');
    later(2 * HOUR);
    expect(await knows(storage, 'suspended')).toBeUndefined();
    expect(await knows(storage, 'committed')).toBeUndefined();
  });

  it('is swept by a write, at the earliest an hour after the last sweep', async () => {
    const place = await makePlace();
    const { root } = place;
    const storage = new DirectoryStorage(root, { suspendedExpiryMs: HOUR / 2 });
    await suspend(storage, 'suspended');
    await commit(storage, 'committed');
    const live = await storage.write(at('live'), { overwrite: true });
    later((HOUR * 3) / 4);
    await (await storage.write(at('other'), { overwrite: true })).commit();
    expect(await count(place, '.part')).toBe(2);
    later(HOUR / 2);
    await (await storage.write(at('other'), { overwrite: true })).commit();
    expect(await count(place, '.part')).toBe(1);
    expect(await count(place, '.done')).toBe(0);
    await live.commit();
    expect(await partsIn(root)).toEqual([]);
  });

  it('is kept up to a number of parts and of commit records; the oldest are removed', async () => {
    const place = await makePlace();
    const storage = new DirectoryStorage(place.root, { maxSuspendedUploads: 3 }, { calls: agingCalls() });
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await suspend(storage, name);
    await comesTo(place, '.part', 3);
    const known = [];
    for (const name of names) known.push(await knows(storage, name));
    expect(known).toEqual([undefined, undefined, 'pending', 'pending', 'pending']);
    for (const name of names) await commit(storage, name);
    await comesTo(place, '.part', 0);
    await comesTo(place, '.done', 3);
  });

  it('of another storage below is not removed as one too many when it is listed', async () => {
    const place = await makePlace();
    const { root, local } = place;
    await mkdir(local('inner'));
    const outer = new DirectoryStorage(root, { maxSuspendedUploads: 0 });
    const running = await new DirectoryStorage(local('inner')).write(at('file'), { overwrite: true });
    await (await outer.write(at('other'), { overwrite: true })).commit();
    await listed(outer);
    // The sweep that the listing has started ends before a storage is closed.
    await outer.close();
    await suspend(outer, 'surplus');
    await comesTo(place, '.part', 0);
    expect(await partsIn(local('inner'))).toHaveLength(1);
    await running.commit();
    expect(await textOf(local('inner', 'file'))).toBe('');
  });

  it('is not resumed if a second hard link shares its bytes', async () => {
    const { storage, root, local } = await makePlace();
    await suspend(storage, 'file');
    const [part = ''] = (await partsIn(root)) ?? [];
    await link(local('.socket-ftp', part), local('second name'));
    expect(await knows(storage, 'file')).toBeUndefined();
    expect(await textOf(local('second name'))).toBe('file');
    expect((await stat(local('second name'))).nlink).toBe(1);
  });

  it('has bounds that must be numbers', () => {
    for (const options of [
      { suspendedExpiryMs: 0 },
      { suspendedExpiryMs: NaN },
      { maxSuspendedUploads: -1 },
    ]) {
      expect(() => new DirectoryStorage('.', options)).toThrow(TypeError);
    }
  });

  it('can be resumed even if the file that it replaces is read-only', async () => {
    const { storage, local } = await makePlace();
    await commit(storage, 'file');
    await chmod(local('file'), 0o400);
    await suspend(storage, 'file');
    expect(await codeOf(knows(storage, 'file'))).toBeUndefined();
    const found = await storage.resume(at('file'), { overwrite: true, uploadId: 'id' });
    if (found?.kind === 'pending') await found.pending.commit();
    expect((await stat(local('file'))).mode & 0o777).toBe(0o400);
  });
});
