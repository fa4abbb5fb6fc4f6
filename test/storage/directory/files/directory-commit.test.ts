import { appendFile, link, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, codeOf, listed, makePlace, partsIn, textOf } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';

describe('a commit', () => {
  it('is on the disk when it resolves: the file before its rename, the directory afterwards', async () => {
    const { calls, made } = new FailingCalls(0);
    const { storage } = await makePlace({ calls });
    await put(storage, 'first', 'x');
    made.length = 0;
    await put(storage, 'file', 'x');
    const order = made.filter((name) => name === 'fsync' || name === 'rename' || name === 'writev');
    expect(order).toEqual(['writev', 'fsync', 'rename', 'fsync']);
  });

  it('does not flush when flushing is off', async () => {
    const { calls, made } = new FailingCalls(0);
    const { root } = await makePlace();
    const storage = new DirectoryStorage(root, { flush: false }, { calls });
    await put(storage, 'file', 'x');
    await storage.mkdir(at('folder'), { recursive: false });
    await storage.remove(at('folder'), { recursive: false });
    expect(made).toContain('rename');
    expect(made).not.toContain('fsync');
  });

  it('replaces nothing on a file system without hard links, either', async () => {
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
  it('changes with the file even if size and time stay the same', async () => {
    const { storage, local } = await makePlace();
    const { etag, mtime } = await put(storage, 'file', 'one');
    await writeFile(local('file'), 'two');
    await utimes(local('file'), mtime, mtime);
    expect((await storage.stat(at('file'))).etag).not.toBe(etag);
  });

  it('of an open file shows writes in place, and a second link', async () => {
    const { storage, local } = await makePlace();
    // A small file may have been read when it was opened.
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

  it('is compared after a copy, which fails with ESTALE if the original has changed', async () => {
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
  it('are rejected with a TypeError if they are invalid', () => {
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
