import fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransferError } from '../../../../src/errors.js';
import { parseRemotePath } from '../../../../src/protocol/remote-path.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { DirectoryHandleCache } from '../../../../src/storage/directory/walk/directory-handle-cache.js';
import type { OpenDirectory } from '../../../../src/storage/directory/walk/open-directory.js';

const directory = parseRemotePath('a/b');

/** Walks that are counted, with their results. */
function counted(enter?: () => Promise<void>) {
  const counts = { walked: 0, closed: 0 };
  const walks = new DirectoryHandleCache(async () => {
    counts.walked += 1;
    await enter?.();
    return {
      close: () => Promise.resolve(void (counts.closed += 1)),
    } as Partial<OpenDirectory> as OpenDirectory;
  });
  return { walks, counts };
}

describe('DirectoryHandleCache', () => {
  it('walks once for all requests of a tick, and closes after the last of them', async () => {
    const { walks, counts } = counted();
    const ends: (() => void)[] = [];
    const works = [1, 2, 3].map(() => walks.use(directory, () => new Promise<void>((end) => ends.push(end))));
    await nextTurn();
    expect(counts).toEqual({ walked: 1, closed: 0 });
    ends[0]?.();
    ends[2]?.();
    await nextTurn();
    expect(counts.closed).toBe(0);
    ends[1]?.();
    await Promise.all(works);
    expect(counts).toEqual({ walked: 1, closed: 1 });
  });

  it('walks again for a request of a later tick, even if the handle is in use', async () => {
    const { walks, counts } = counted();
    let end = (): void => undefined;
    const first = walks.use(directory, () => new Promise<void>((resolve) => (end = resolve)));
    await nextTurn();
    await walks.use(directory, () => Promise.resolve());
    expect(counts).toEqual({ walked: 2, closed: 1 });
    end();
    await first;
    expect(counts.closed).toBe(2);
  });

  it('walks again for a request when no other is active', async () => {
    const { walks, counts } = counted();
    await walks.use(directory, () => Promise.resolve());
    await walks.use(directory, () => Promise.resolve());
    expect(counts).toEqual({ walked: 2, closed: 2 });
  });

  it('walks again after invalidate', async () => {
    const { walks, counts } = counted();
    const first = walks.use(directory, () => Promise.resolve());
    walks.clear();
    await Promise.all([first, walks.use(directory, () => Promise.resolve())]);
    expect(counts).toEqual({ walked: 2, closed: 2 });
  });

  it('rejects for each request when the walk fails, and retries for the next', async () => {
    let fails = true;
    const { walks, counts } = counted(() =>
      fails ? Promise.reject(new TransferError('ENOENT')) : Promise.resolve(),
    );
    const both = [1, 2].map(() => walks.use(directory, () => Promise.resolve()));
    for (const { status } of await Promise.allSettled(both)) expect(status).toBe('rejected');
    fails = false;
    await walks.use(directory, () => Promise.resolve());
    expect(counts).toEqual({ walked: 2, closed: 1 });
  });

  it('does not pass the failure of one request to another', async () => {
    const { walks, counts } = counted();
    const failing = walks.use(directory, () => Promise.reject(new TransferError('EIO')));
    const other = walks.use(directory, () => Promise.resolve('done'));
    await expect(failing).rejects.toMatchObject({ code: 'EIO' });
    await expect(other).resolves.toBe('done');
    expect(counts.closed).toBe(1);
  });
});

describe('a directory that requests share', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-walks-'));
    fs.mkdirSync(path.join(root, 'old'));
    fs.writeFileSync(path.join(root, 'old', 'file'), 'content');
  });

  afterEach(() => rm(root, { recursive: true }));

  it('is not found under its old name by requests after a rename', async () => {
    const storage = new DirectoryStorage(root, { flush: false });
    const file = parseRemotePath('old/file');
    // Others stay in the directory meanwhile.
    const staying = Promise.allSettled(Array.from({ length: 20 }, () => storage.stat(file)));
    await storage.rename(parseRemotePath('old'), parseRemotePath('new'), { overwrite: false });
    await expect(storage.stat(file)).rejects.toMatchObject({ code: 'ENOENT', path: 'old/file' });
    await staying;
    await storage.close();
  });

  it('is in the error of each request with a missing parent, under the path of that request', async () => {
    const storage = new DirectoryStorage(root);
    const asked = ['gone/one', 'gone/two'].map((name) => storage.stat(parseRemotePath(name)));
    for (const [index, result] of (await Promise.allSettled(asked)).entries()) {
      const name = ['gone/one', 'gone/two'][index];
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ENOENT', path: name } });
    }
    await storage.close();
  });
});
