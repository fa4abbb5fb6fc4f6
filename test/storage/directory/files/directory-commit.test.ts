import { appendFile, link, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, codeOf, listed, makePlace, partsIn, textOf } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';

describe('a commit', () => {
  it('is on the disk when it resolves: the file before it has its name, the directory afterwards', async () => {
    const { calls, made } = new FailingCalls(0);
    const { storage } = await makePlace({ calls });
    await put(storage, 'first', 'x');
    made.length = 0;
    await put(storage, 'file', 'x');
    const order = made.filter((name) => name === 'fsync' || name === 'rename' || name === 'writev');
    expect(order).toEqual(['writev', 'fsync', 'rename', 'fsync']);
  });

  it('waits for no disk where flush is false', async () => {
    const { calls, made } = new FailingCalls(0);
    const { root } = await makePlace();
    const storage = new DirectoryStorage(root, { flush: false }, { calls });
    await put(storage, 'file', 'x');
    await storage.mkdir(at('folder'), { recursive: false });
    await storage.remove(at('folder'), { recursive: false });
    expect(made).toContain('rename');
    expect(made).not.toContain('fsync');
  });

  it('replaces nothing on a file system without hard links either', async () => {
    const { storage, root, local } = await makePlace({ calls: withoutLinks });
    const pending = await storage.write(at('file'), { overwrite: false });
    await writeFile(local('file'), 'of somebody else');
    expect(await codeOf(pending.commit())).toBe('EEXIST');
    expect(await textOf(local('file'))).toBe('of somebody else');
    await storage.rename(at('file'), at('moved'), { overwrite: false });
    await (await storage.write(at('file'), { overwrite: false })).commit();
    expect(await codeOf(storage.rename(at('file'), at('moved'), { overwrite: false }))).toBe('EEXIST');
    expect(await listed(storage)).toEqual(['file', 'moved']);
    expect(await partsIn(root)).toEqual([]);
  });
});

describe('an etag', () => {
  it('tells a change that keeps size and time', async () => {
    const { storage, local } = await makePlace();
    const { etag, mtime } = await put(storage, 'file', 'one');
    await writeFile(local('file'), 'two');
    await utimes(local('file'), mtime, mtime);
    expect((await storage.stat(at('file'))).etag).not.toBe(etag);
  });

  it('tells an open file that it was written to in place, or given a second name', async () => {
    const { storage, local } = await makePlace();
    // A small one may be at hand as it was when it was opened.
    await put(storage, 'file', 'one'.repeat(100_000));
    const file = await storage.read(at('file'));
    await appendFile(local('file'), 'x');
    expect(await file.etag()).not.toBe(file.entry.etag);
    await file.close();
    const again = await storage.read(at('file'));
    await link(local('file'), local('second'));
    expect(await again.etag()).not.toBe(again.entry.etag);
    await again.close();
  });

  it('of a copy is refused with ESTALE if the original changes under it', async () => {
    const { root, local } = await makePlace();
    const copyFile: FileCalls['copyFile'] = async (from, to, flags) => {
      await fileCalls.copyFile(from, to, flags);
      await appendFile(local('file'), 'x');
    };
    const storage = new DirectoryStorage(root, {}, { calls: { ...fileCalls, copyFile }, walking: 'handles' });
    await put(storage, 'file', 'one');
    if (process.platform !== 'linux') return;
    expect(await codeOf(storage.copy(at('file'), at('copy'), { overwrite: false }))).toBe('ESTALE');
    expect(await listed(storage)).toEqual(['file']);
  });
});

describe('the options of a directory storage', () => {
  it('are refused with a TypeError where they are not what they must be', () => {
    for (const root of ['', 'a\0b', undefined, 7]) {
      expect(() => new DirectoryStorage(root as string)).toThrow(TypeError);
    }
    expect(() => new DirectoryStorage('.', { flush: 'maybe' as unknown as boolean })).toThrow(
      /flush must be true/,
    );
    const misspelt: object = { flushes: true };
    expect(() => new DirectoryStorage('.', misspelt)).toThrow(/no option flushes/);
  });
});

const withoutLinks: FileCalls = {
  ...fileCalls,
  link: () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' })),
};
