import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchesOf } from '../../../src/protocol/listings/entries-of-batches.js';
import { parseRemotePath, REMOTE_ROOT } from '../../../src/protocol/remote-path.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import type { StorageChange } from '../../../src/storage/storage.js';

const a = parseRemotePath('a');

describe('the first call of a directory storage', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
    const storage = new DirectoryStorage(root, { flush: false });
    await storage.writeFile(a, [Buffer.from('abc')], { overwrite: true });
    await storage.close();
  });

  afterEach(() => rm(root, { recursive: true }));

  it('may be any method', async () => {
    const fresh = () => new DirectoryStorage(root, { flush: false });
    expect(await fresh().stat(a)).toMatchObject({ path: 'a', size: 3 });
    expect(await all(fresh().list(REMOTE_ROOT, { recursive: true }))).toHaveLength(1);
    expect(await all(batchesOf(fresh().list(REMOTE_ROOT, { recursive: true })))).toHaveLength(1);
    await expect(fresh().stat(parseRemotePath('b'))).rejects.toMatchObject({ code: 'ENOENT' });
    await fresh().mkdir(parseRemotePath('d'), { recursive: false });
    expect((await readdir(root)).sort()).toEqual(['a', 'd']);
  });

  it('shares the locks of paths with calls at the same time', async () => {
    const storage = new DirectoryStorage(root, { flush: false });
    const b = parseRemotePath('b');
    const create = async (text: string) => storage.writeFile(b, [Buffer.from(text)], { overwrite: false });
    const results = await Promise.allSettled([create('one'), create('two'), create('three')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await storage.close();
  });

  it('may be a watch, which can be ended', async () => {
    const { signal } = new AbortController();
    const watch = new DirectoryStorage(root).watch(REMOTE_ROOT, { recursive: true, signal });
    const batches = watch[Symbol.asyncIterator]();
    const { value } = (await batches.next()) as { value: readonly StorageChange[] };
    expect(value[0]).toMatchObject({ event: 'present', entry: { path: 'a' } });
    await batches.return?.();
    expect(await batches.next()).toMatchObject({ done: true });
  });

  it('finds the directory that the root named when the storage was made', async () => {
    const before = process.cwd();
    try {
      process.chdir(root);
      const storage = new DirectoryStorage('.');
      process.chdir(tmpdir());
      expect(await storage.stat(a)).toMatchObject({ size: 3 });
    } finally {
      process.chdir(before);
    }
  });

  it('is not needed to close the storage', async () => {
    await new DirectoryStorage(path.join(root, 'missing')).close();
    expect(await readdir(root)).toEqual(['a']);
  });
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
