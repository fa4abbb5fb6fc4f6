/** New versions that are small and at hand: in memory until they are committed, and then made by one row of calls. */
import fs from 'node:fs';
import { chmod, mkdir, readdir, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { directCalls } from '../../src/storage/directory/direct-calls.js';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import type { PendingFile } from '../../src/storage/storage.js';
import { bytesOf } from '../support/bytes.js';
import { everyCallIsShort } from '../support/open-gate.js';
import { at, codeOf, makePlace, openIn, partsIn, textOf, type Place } from './directory-fixture.js';
import { FailingCalls } from './failing-calls.js';

const KIB = 1024;
const replace = { overwrite: true };

beforeEach(everyCallIsShort);
afterEach(() => vi.restoreAllMocks());

/** A storage whose calls are made directly, and the calls that it left to others. */
async function smallPlace(): Promise<Place & { made: string[]; pause: () => void }> {
  const { calls: threads, made } = new FailingCalls(0);
  let isLocal = true;
  const calls = directCalls(threads, { isLocal: () => isLocal });
  const place = await makePlace();
  const storage = new DirectoryStorage(place.root, { durability: 'none' }, { calls });
  // The folder, and all that is looked at once.
  await store(storage, 'first', 'x');
  made.length = 0;
  return { ...place, storage, made, pause: () => (isLocal = false) };
}

async function begun(storage: DirectoryStorage, name: string, bytes: Buffer): Promise<PendingFile> {
  const pending = await storage.write(at(name), { ...replace, isAtOnce: true, size: bytes.length });
  await pending.write([bytes]);
  return pending;
}

async function store(storage: DirectoryStorage, name: string, text: string): Promise<void> {
  await (await begun(storage, name, Buffer.from(text))).commit();
}

describe.runIf(process.platform === 'linux')('a small version that is at hand', () => {
  it('is nowhere on the disk before it is committed', async () => {
    const { storage, root } = await smallPlace();
    const pending = await begun(storage, 'file', bytesOf(64 * KIB));
    expect(await partsIn(root)).toEqual([]);
    await pending.commit();
    expect(fs.readFileSync(`${root}/file`).equals(bytesOf(64 * KIB))).toBe(true);
    expect(await partsIn(root)).toEqual([]);
    expect(await openIn(root)).toEqual([]);
  });

  it('has the time and the permissions that it is to have', async () => {
    const { storage, local } = await smallPlace();
    await writeFile(local('file'), 'older');
    await chmod(local('file'), 0o640);
    const mtime = new Date(1_600_000_000_123);
    const pending = await storage.write(at('file'), { ...replace, isAtOnce: true, size: 5, mtime });
    await pending.write([Buffer.from('ne'), Buffer.from('wer')]);
    const entry = await pending.commit();
    expect(entry).toEqual(await storage.stat(at('file')));
    expect(entry.mtime).toEqual(mtime);
    expect((await stat(local('file'))).mode & 0o777).toBe(0o640);
    expect(await textOf(local('file'))).toBe('newer');
  });

  it('goes on as any other where more comes than was announced', async () => {
    const { storage, local } = await smallPlace();
    const pending = await begun(storage, 'file', Buffer.from('few'));
    await pending.write([bytesOf(200 * KIB)]);
    await pending.write([Buffer.from('end')]);
    expect((await pending.commit()).size).toBe(200 * KIB + 6);
    const stored = fs.readFileSync(local('file'));
    expect(stored.equals(Buffer.concat([Buffer.from('few'), bytesOf(200 * KIB), Buffer.from('end')]))).toBe(
      true,
    );
  });

  it.each(['openSync', 'writeSync', 'renameSync'] as const)(
    'leaves the older one when %s fails',
    async (call) => {
      const { storage, root, local } = await smallPlace();
      await store(storage, 'file', 'older');
      const pending = await begun(storage, 'file', Buffer.from('newer'));
      vi.spyOn(fs, call).mockImplementation(() => {
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      });
      expect(await codeOf(pending.commit())).toBe('ENOSPC');
      vi.restoreAllMocks();
      expect(await textOf(local('file'))).toBe('older');
      expect(await partsIn(root)).toEqual([]);
      expect(await openIn(root)).toEqual([]);
      expect(await codeOf(pending.commit())).toBe('EINVAL');
    },
  );

  it('is written all the same where the system takes a few bytes at once', async () => {
    const { storage, local } = await smallPlace();
    const write = fs.writeSync as (fd: number, bytes: Uint8Array, at: number, length: number) => number;
    const few = (fd: number, bytes: Uint8Array, from: number): number =>
      write(fd, bytes, from, Math.min(3, bytes.length - from));
    vi.spyOn(fs, 'writeSync').mockImplementation(few as unknown as typeof fs.writeSync);
    await store(storage, 'file', '0123456789');
    expect(await textOf(local('file'))).toBe('0123456789');
  });

  it('takes the place of no directory and of no link, and needs a directory to be in', async () => {
    const { storage, root, outside, local } = await smallPlace();
    await mkdir(local('folder'));
    await symlink(outside, local('link'));
    const codes = [];
    for (const name of ['folder', 'link', 'link/file', 'missing/file', '.socket-ftp/file'])
      codes.push(await codeOf(store(storage, name, 'x')));
    expect(codes).toEqual(['EISDIR', 'ELOOP', 'ELOOP', 'ENOENT', 'EACCES']);
    expect(await readdir(outside)).toEqual([]);
    expect(await partsIn(root)).toEqual([]);
  });

  it('is committed under its condition only', async () => {
    const { storage, local } = await smallPlace();
    await store(storage, 'file', 'one');
    const { etag } = await storage.stat(at('file'));
    const pending = await storage.write(at('file'), { ...replace, ifMatch: etag, isAtOnce: true, size: 3 });
    await pending.write([Buffer.from('two')]);
    await store(storage, 'file', 'between');
    expect(await codeOf(pending.commit())).toBe('ESTALE');
    expect(await textOf(local('file'))).toBe('between');
  });

  it('waits for whoever works with its path', async () => {
    const { storage, local } = await smallPlace();
    const pending = await begun(storage, 'file', Buffer.from('small'));
    const others = ['a', 'b'].map((text) =>
      storage.write(at('file'), replace).then(async (other) => {
        await other.write([Buffer.from(text)]);
        return other;
      }),
    );
    const commits = [...(await Promise.all(others)), pending].map((version) => version.commit());
    const entries = await Promise.all(commits);
    // The last to begin its commit is the last to be there.
    expect(await textOf(local('file'))).toBe('small');
    expect(await storage.stat(at('file'))).toEqual(entries[2]);
  });

  it('is left to threads where an older one has much to be freed, and where nothing may be done here', async () => {
    const { storage, local, made, pause } = await smallPlace();
    await writeFile(local('large'), '');
    await truncate(local('large'), 2 * KIB * KIB);
    await store(storage, 'large', 'small');
    expect(made).toContain('rename');
    made.length = 0;
    pause();
    await store(storage, 'file', 'x');
    expect(made).toEqual(expect.arrayContaining(['open', 'writev', 'rename']));
    expect([await textOf(local('large')), await textOf(local('file'))]).toEqual(['small', 'x']);
  });

  it('makes the private folder again when another process has taken it away', async () => {
    const { storage, root, local } = await smallPlace();
    fs.rmdirSync(`${root}/.socket-ftp`);
    await store(storage, 'file', 'x');
    expect(await textOf(local('file'))).toBe('x');
  });

  it('is gone when it was discarded', async () => {
    const { storage, root } = await smallPlace();
    const pending = await begun(storage, 'file', Buffer.from('x'));
    await pending.discard();
    await pending.discard();
    expect(await codeOf(pending.write([Buffer.from('y')]))).toBe('EINVAL');
    expect(fs.existsSync(`${root}/file`)).toBe(false);
  });
});
