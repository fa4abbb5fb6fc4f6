/** A process that dies during an upload, at any file system call, and the next one that resumes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { bytesAt } from '../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import type { Walking } from '../../../src/storage/directory/walk/path-resolver.js';
import type { PendingFile, ResumeResult } from '../../../src/storage/storage.js';
import { at, makePlace, openIn, partsIn, textOf, walkings, type Place } from './directory-fixture.js';
import { FailingCalls } from './failing-calls.js';

const older = 'older';
const newer = 'newer, and longer';
const path = at('folder/file');

/** An upload, of which only the process that ends it may die. */
interface Work {
  readonly overwrite: boolean;
  /** The file at the path before. */
  readonly before: string | undefined;
  /** The state that earlier processes have left. */
  readonly prepare?: (storage: DirectoryStorage) => Promise<void>;
  readonly run: (storage: DirectoryStorage) => Promise<void>;
}

const replace = { overwrite: true, uploadId: 'id' };
const create = { overwrite: false, uploadId: 'id' };

const works: Record<string, Work> = {
  'a new version of a file': {
    overwrite: true,
    before: older,
    run: async (storage) => finish(await storage.write(path, { ...replace, mtime: new Date(0) }), newer),
  },
  'a file that must not replace one': {
    overwrite: false,
    before: undefined,
    run: async (storage) => finish(await storage.write(path, create), newer),
  },
  'a version that is gone on with': {
    overwrite: true,
    before: older,
    prepare: (storage) => suspend(storage, 'newer'),
    run: async (storage) => {
      const found = await storage.resume(path, replace);
      if (found?.kind === 'pending') await finish(found.pending, newer.slice('newer'.length));
    },
  },
  'a version that is suspended once more': {
    overwrite: true,
    before: older,
    prepare: (storage) => suspend(storage, 'new'),
    run: async (storage) => {
      const found = await storage.resume(path, replace);
      if (found?.kind !== 'pending') return;
      await found.pending.write([Buffer.from('er')]);
      await found.pending.suspend?.();
    },
  },
  'a version that is begun anew': {
    overwrite: true,
    before: older,
    prepare: (storage) => suspend(storage, 'newer, and'),
    run: async (storage) => finish(await storage.write(path, replace), newer),
  },
  'a version under the id of one that was committed': {
    overwrite: true,
    before: 'committed',
    prepare: async (storage) => {
      const pending = await storage.write(path, replace);
      await pending.write([Buffer.from('committed')]);
      await pending.commit('older token');
    },
    run: async (storage) => finish(await storage.write(path, replace), newer),
  },
};

async function finish(pending: PendingFile, rest: string): Promise<void> {
  await pending.write([Buffer.from(rest)]);
  await pending.commit('token');
}

async function suspend(storage: DirectoryStorage, text: string): Promise<void> {
  const pending = await storage.write(path, replace);
  await pending.write([Buffer.from(text)]);
  await pending.suspend?.();
}

describe.each(walkings)('when a process dies, walked by %s,', (walking) => {
  for (const [name, work] of Object.entries(works)) {
    it(`${name} is complete, or absent and resumed by the next process`, async () => {
      const { made } = await attempt(work, { nth: 0, dies: true, walking });
      expect(made.length).toBeGreaterThan(4);
      for (let nth = 1; nth <= made.length; nth++) {
        const { place } = await attempt(work, { nth, dies: true, walking });
        await checkTruth(work, place, `after the call ${nth}, ${made[nth - 1]}`);
      }
    });

    it(`${name} is not resumed if a call fails, and the next attempt stores it`, async () => {
      const { made } = await attempt(work, { nth: 0, dies: false, walking });
      for (let nth = 1; nth <= made.length; nth++) {
        const { place, error } = await attempt(work, { nth, dies: false, walking });
        const during = `at the call ${nth}, ${made[nth - 1]}`;
        expect(await openIn(place.root), during).toEqual([]);
        if (error === undefined) continue;
        const visible = await textOf(place.local('folder', 'file'));
        expect([work.before, newer], during).toContain(visible);
        await writeAnew(work, place, during);
      }
    });
  }
});

it('a failed commit is not reported as done, even if its record cannot be removed', async () => {
  const failing = new FailingCalls(0);
  const { rename, unlink } = failing.calls;
  const broken = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
  failing.calls.rename = (from, to) => (to.endsWith('file') ? broken() : rename(from, to));
  failing.calls.unlink = (name) =>
    name.endsWith('.done') && failing.made.includes('writev') ? broken() : unlink(name);
  const place = await makePlace({ calls: failing.calls });
  await mkdir(place.local('folder'));
  await expect(finish(await place.storage.write(path, replace), newer)).rejects.toMatchObject({
    code: 'EIO',
  });
  const found = await new DirectoryStorage(place.root).resume(path, replace);
  expect(found?.kind).not.toBe('committed');
});

it('an upload that was not committed is unknown after the next process has discarded it', async () => {
  const work = works['a new version of a file']!;
  const { made } = await attempt(work, { nth: 0, dies: true, walking: 'names' });
  const nth = made.indexOf('rename') + 1;
  const { place } = await attempt(work, { nth, dies: true, walking: 'names' });
  expect(await partsIn(place.local('folder'))).toHaveLength(2);
  const storage = new DirectoryStorage(place.root);
  const found = await storage.resume(path, replace);
  if (found?.kind === 'pending') await found.pending.discard();
  expect(found?.kind).toBe('pending');
  expect(await storage.resume(path, replace)).toBeUndefined();
  expect(await partsIn(place.local('folder'))).toEqual([]);
});

interface Attempt {
  readonly nth: number;
  readonly dies: boolean;
  readonly walking: Walking;
}

async function attempt(
  { before, prepare, run }: Work,
  { nth, dies, walking }: Attempt,
): Promise<{ made: readonly string[]; place: Place; error: unknown }> {
  const failing = new FailingCalls(nth, 'EIO', { dies });
  const place = await makePlace({ walking, calls: failing.calls });
  await mkdir(place.local('folder'));
  if (before === older) await writeFile(place.local('folder', 'file'), older);
  await prepare?.(new DirectoryStorage(place.root));
  const error = await run(place.storage).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { made: [...failing.made], place, error };
}

/** A new process reports the state on disk, and completes the file. */
async function checkTruth(work: Work, place: Place, when: string): Promise<void> {
  const storage = new DirectoryStorage(place.root);
  const visible = await textOf(place.local('folder', 'file'));
  expect([work.before, newer], when).toContain(visible);
  const options = { overwrite: work.overwrite, uploadId: 'id' };
  const found = await storage.resume(path, options);
  if (found?.kind === 'committed') {
    expect(visible, when).toBe(found.commitToken === 'token' ? newer : 'committed');
    expect(found.entry, when).toEqual(await storage.stat(path));
  } else {
    expect(visible, when).toBe(work.before);
    await goOn(storage, found, options);
    expect((await bytesAt(storage, path)).toString(), when).toBe(newer);
  }
  const left = (await partsIn(place.local('folder'))) ?? [];
  expect(
    left.filter((name) => name.endsWith('.part')),
    when,
  ).toEqual([]);
  expect(await openIn(place.root), when).toEqual([]);
}

async function goOn(
  storage: DirectoryStorage,
  found: (ResumeResult & { kind: 'pending' }) | undefined,
  options: { overwrite: boolean; uploadId: string },
): Promise<void> {
  if (!found) return finish(await storage.write(path, options), newer);
  const there = Buffer.alloc(100);
  const bytes = (await found.pending.read?.(there, 0)) ?? 0;
  expect(there.toString('utf8', 0, bytes)).toBe(newer.slice(0, found.bytes));
  return finish(found.pending, newer.slice(found.bytes));
}

async function writeAnew({ overwrite }: Work, place: Place, during: string): Promise<void> {
  const storage = new DirectoryStorage(place.root);
  const visible = await textOf(place.local('folder', 'file'));
  if (!overwrite && visible !== undefined) return;
  await finish(await storage.write(path, { overwrite, uploadId: 'id' }), newer);
  expect((await bytesAt(storage, path)).toString(), during).toBe(newer);
}
