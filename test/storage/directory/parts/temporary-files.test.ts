import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TransferError } from '../../../../src/errors.js';
import type { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import {
  hasPrivateName,
  isTemporaryName,
  newTemporaryName,
} from '../../../../src/storage/directory/walk/private-folder.js';
import { at, listed, makePlace } from '../directory-fixture.js';

const HOUR_MS = 60 * 60 * 1000;

afterEach(() => vi.restoreAllMocks());

/** A directory with a temporary file that a killed process has left. */
async function placeWithLeftover() {
  const place = await makePlace();
  const name = newTemporaryName();
  await mkdir(place.local('folder'));
  await writeFile(place.local('folder', name), 'half');
  return { ...place, name };
}

async function store(storage: DirectoryStorage, path: string): Promise<unknown> {
  return storage.writeFile(at(path), [Buffer.from('x')], { overwrite: true, flush: false });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => TransferError.from(error).code,
  );
}

describe('a temporary file', () => {
  it('has a name of its own, which no client can use in any spelling', () => {
    const [one, other] = [newTemporaryName(), newTemporaryName()];
    expect(one).not.toBe(other);
    expect(isTemporaryName(one)).toBe(true);
    for (const spelling of [one, one.toUpperCase(), `${one}.`, `folder/${one}/x`])
      expect(hasPrivateName(spelling)).toBe(true);
    for (const name of ['.socket-ftp-notes', `${one}0`, one.slice(0, -1), `x${one}`])
      expect(hasPrivateName(name)).toBe(false);
  });

  it('is neither listed nor read, written or removed', async () => {
    const { storage, name } = await placeWithLeftover();
    const path = at(`folder/${name}`);
    expect(await listed(storage)).toEqual(['folder']);
    const codes = [storage.stat(path), storage.read(path), storage.remove(path, { recursive: false })];
    for (const call of [...codes, store(storage, path)]) expect(await codeOf(call)).toBe('EACCES');
    expect(await codeOf((async () => storage.readFile(path))())).not.toBe('ENOENT');
  });

  it('does not keep its directory from being removed', async () => {
    const { storage, local } = await placeWithLeftover();
    await storage.remove(at('folder'), { recursive: false });
    expect(await readdir(local())).toEqual([]);
  });

  it('does not make a directory with a file of a client empty', async () => {
    const { storage, local, name } = await placeWithLeftover();
    await writeFile(local('folder', 'file'), 'x');
    expect(await codeOf(storage.remove(at('folder'), { recursive: false }))).toBe('ENOTEMPTY');
    expect((await readdir(local('folder'))).sort()).toEqual([name, 'file']);
  });

  it('is removed an hour later when a storage that writes lists its directory, and not before', async () => {
    const { storage, local, name } = await placeWithLeftover();
    await store(storage, 'file');
    // Only a change counts, which no program can date back.
    await utimes(local('folder', name), new Date(0), new Date(0));
    await listed(storage, 'folder');
    await storage.close();
    expect(await readdir(local('folder'))).toEqual([name]);
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 2 * HOUR_MS);
    await listed(storage, 'folder');
    await storage.close();
    expect(await readdir(local('folder'))).toEqual([]);
  });

  it('is not removed by a storage that writes nothing', async () => {
    const { storage, local, name } = await placeWithLeftover();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 2 * HOUR_MS);
    await listed(storage, 'folder');
    await storage.close();
    expect(await readdir(local('folder'))).toEqual([name]);
  });
});
