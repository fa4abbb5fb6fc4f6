import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import type { PendingFile } from '../../../../src/storage/storage.js';
import { at, codeOf, listed, makePlace, openIn, partsIn, textOf, walkings } from '../directory-fixture.js';

const isRoot = process.getuid?.() === 0;

describe.each(walkings)('a tree, walked by %s', (walking) => {
  it('may have the maximum depth, and is listed and removed with few open files', async () => {
    const { storage, root } = await makePlace({ walking });
    const deep = Array.from({ length: 400 }, () => 'd').join('/');
    await storage.mkdir(at(deep), { recursive: true });
    await storage.mkdir(at('d/d/beside'), { recursive: true });
    await put(storage, `${deep}/file`, 'x');
    let count = 0;
    let mostOpen = 0;
    for await (const { path } of storage.list(at(''), { recursive: true })) {
      count++;
      if (path.endsWith('file')) mostOpen = (await openIn(root)).length;
    }
    expect(count).toBe(402);
    expect(mostOpen).toBeLessThan(40);
    await storage.remove(at('d'), { recursive: true });
    expect(await listed(storage)).toEqual([]);
    expect(await openIn(root)).toEqual([]);
  });

  it('may have thousands of names in one directory', async () => {
    const { storage, local, root } = await makePlace({ walking });
    const names = Array.from({ length: 1_500 }, (_, index) => `file ${index}`);
    await mkdir(local('wide'));
    await Promise.all(names.map((name) => writeFile(local('wide', name), '')));
    expect(await listed(storage, 'wide')).toEqual(names.map((name) => `wide/${name}`).sort());
    await storage.remove(at('wide'), { recursive: true });
    expect(await listed(storage)).toEqual([]);
    expect(await openIn(root)).toEqual([]);
  });

  it('is closed when a listing ends early', async () => {
    const { storage, root } = await makePlace({ walking });
    await storage.mkdir(at('a/b/c'), { recursive: true });
    for await (const { path } of storage.list(at(''), { recursive: true })) if (path === 'a/b/c') break;
    expect(await openIn(root)).toEqual([]);
  });

  it('has an unreadable directory, which is listed by name beside its siblings', async () => {
    const { storage, local } = await makePlace({ walking });
    await mkdir(local('closed'));
    await writeFile(local('closed', 'inner'), '');
    await writeFile(local('open'), '');
    await chmod(local('closed'), 0);
    // Root may read every file.
    expect(await listed(storage)).toEqual(isRoot ? ['closed', 'closed/inner', 'open'] : ['closed', 'open']);
    await chmod(local('closed'), 0o700);
  });
});

it('a recursive removal ends an upload that starts below meanwhile', async () => {
  const calls = { ...fileCalls };
  const { storage, root, local } = await makePlace({ calls });
  await mkdir(local('top', 'inner'), { recursive: true });
  await put(storage, 'top/inner/file', 'x');
  await storage.close();
  const started: Promise<PendingFile>[] = [];
  calls.rmdir = async (place) => {
    if (started.length === 0 && place.endsWith('/inner')) {
      started.push(storage.write(at('top/inner/new'), { overwrite: true }));
      await started[0];
    }
    return fileCalls.rmdir(place);
  };
  await storage.remove(at('top'), { recursive: true });
  expect(await readdir(root)).toEqual([]);
  const [pending] = await Promise.all(started);
  expect(await codeOf(pending?.commit() ?? Promise.resolve())).toBe('ENOENT');
});

describe('the root of a directory storage', () => {
  it('that is missing fails everything with EIO, which is retryable, and can be created', async () => {
    const { storage, root } = await makePlace();
    await rm(root, { recursive: true });
    const unavailable = { code: 'EIO', retryable: true };
    await expect(storage.stat(at(''))).rejects.toMatchObject(unavailable);
    await expect(listed(storage)).rejects.toMatchObject(unavailable);
    await expect(storage.read(at('file'))).rejects.toMatchObject(unavailable);
    await expect(storage.write(at('file'), { overwrite: true })).rejects.toMatchObject(unavailable);
    expect(existsSync(root)).toBe(false);
    await storage.mkdir(at(''), { recursive: true });
    await put(storage, 'file', 'x');
    expect(await listed(storage)).toEqual(['file']);
  });

  it('may be replaced while the storage is in use', async () => {
    const { storage, root, local } = await makePlace();
    await put(storage, 'file', 'x');
    await rm(root, { recursive: true });
    await mkdir(root);
    await put(storage, 'file', 'y');
    expect(await textOf(local('file'))).toBe('y');
    expect(await partsIn(root)).toEqual([]);
  });
});
