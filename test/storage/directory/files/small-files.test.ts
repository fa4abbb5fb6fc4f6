/** Small files that are read and written whole, by one sequence of synchronous calls. */
import fs from 'node:fs';
import { chmod, mkdir, readdir, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FileEntry } from '../../../../src/protocol/entry.js';
import { syncCalls } from '../../../../src/storage/directory/calls/sync-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { StorageWriteOptions } from '../../../../src/storage/storage.js';
import { bytesOf } from '../../../support/bytes.js';
import { at, codeOf, makePlace, openIn, partsIn, textOf, type Place } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';

const KIB = 1024;
const MAX_READ_BYTES = 32 * KIB;
const MAX_WRITTEN_BYTES = 64 * KIB;

afterEach(() => vi.restoreAllMocks());

/** A storage whose calls are made directly, and the calls that it left to others. */
async function smallPlace(): Promise<Place & { made: string[]; pause: () => void }> {
  const { calls: threads, made } = new FailingCalls(0);
  let isLocal = true;
  const calls = syncCalls(threads, { isLocal: () => isLocal });
  const place = await makePlace();
  const storage = new DirectoryStorage(place.root, { flush: false }, { calls });
  // The folder, and all that is looked at once.
  await store(storage, 'first', { content: 'x' });
  made.length = 0;
  return { ...place, storage, made, pause: () => (isLocal = false) };
}

/** The names in a directory that clients cannot address. */
async function privateIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('.socket-ftp'));
}

async function store(
  storage: DirectoryStorage,
  name: string,
  { content, ...options }: Partial<StorageWriteOptions> & { content: string | Buffer },
): Promise<FileEntry> {
  return storage.writeFile(at(name), [Buffer.from(content)], { overwrite: true, ...options });
}

/** The content of a file that is read whole; undefined when it is left to `read`. */
async function contentOf(storage: DirectoryStorage, name: string): Promise<Buffer | undefined> {
  const file = await storage.readFile(at(name));
  return file && Buffer.from(file.bytes);
}

it('a small file that is refused for its condition makes no private folder in its directory', async () => {
  const { storage, local } = await smallPlace();
  await mkdir(local('folder'));
  await writeFile(local('folder/file'), 'older');
  const { mtimeMs } = await stat(local('folder'));
  expect(await codeOf(store(storage, 'folder/file', { content: 'newer', overwrite: false }))).toBe('EEXIST');
  for (const name of ['folder/file', 'folder/missing']) {
    expect(await codeOf(store(storage, name, { content: 'newer', ifMatch: 'other' }))).toBe('ESTALE');
  }
  expect(await readdir(local('folder'))).toEqual(['file']);
  expect((await stat(local('folder'))).mtimeMs).toBe(mtimeMs);
});

describe.runIf(process.platform === 'linux')('a small file that is read whole', () => {
  it.each([0, 1, MAX_READ_BYTES])('has all of its %d bytes, and leaves no handle open', async (size) => {
    const { storage, local } = await smallPlace();
    fs.mkdirSync(local('a'));
    fs.writeFileSync(local('a/file'), bytesOf(size));
    const handles = fs.readdirSync('/proc/self/fd').length;
    expect(bytesOf(size).equals((await contentOf(storage, 'a/file')) ?? Buffer.of(1))).toBe(true);
    // The directory stays open until the end of the tick.
    await setImmediate();
    expect(fs.readdirSync('/proc/self/fd')).toHaveLength(handles);
  });

  it('must not be large, nor change during the read', async () => {
    const { storage, local } = await smallPlace();
    await writeFile(local('file'), bytesOf(MAX_READ_BYTES + 1));
    expect(await contentOf(storage, 'file')).toBeUndefined();
    await writeFile(local('file'), 'before');
    const read = fs.readSync;
    vi.spyOn(fs, 'readSync').mockImplementation((...args: Parameters<typeof read>) => {
      fs.appendFileSync(local('file'), 'more');
      return read(...args);
    });
    expect(await contentOf(storage, 'file')).toBeUndefined();
  });

  it('is never behind a link', async () => {
    const { storage, local } = await smallPlace();
    await writeFile(local('file'), 'content');
    fs.symlinkSync('file', local('link'));
    await expect(contentOf(storage, 'link')).rejects.toMatchObject({ code: 'ELOOP', path: 'link' });
  });

  it('leaves no handle open when it does not exist', async () => {
    const { storage, local } = await smallPlace();
    fs.mkdirSync(local('directory'));
    const handles = fs.readdirSync('/proc/self/fd').length;
    expect(await contentOf(storage, 'directory')).toBeUndefined();
    await expect(contentOf(storage, 'missing')).rejects.toMatchObject({ code: 'ENOENT' });
    // The directory stays open until the end of the tick.
    await setImmediate();
    expect(fs.readdirSync('/proc/self/fd')).toHaveLength(handles);
  });

  it('is read by threads when synchronous calls are off', async () => {
    const { root, local } = await smallPlace();
    await writeFile(local('file'), 'content');
    const storage = new DirectoryStorage(root, { fileCalls: 'threads' });
    expect(await contentOf(storage, 'file')).toBeUndefined();
  });
});

describe.runIf(process.platform === 'linux')('a small file that is written whole', () => {
  it('is complete after synchronous calls only, without a part or an open handle', async () => {
    const { storage, root, made } = await smallPlace();
    await store(storage, 'file', { content: bytesOf(MAX_WRITTEN_BYTES) });
    expect(fs.readFileSync(`${root}/file`).equals(bytesOf(MAX_WRITTEN_BYTES))).toBe(true);
    expect(made).toEqual([]);
    expect(await privateIn(root)).toEqual([]);
    expect(await openIn(root)).toEqual([]);
  });

  it('has the given time and permissions', async () => {
    const { storage, local } = await smallPlace();
    await writeFile(local('file'), 'older');
    await chmod(local('file'), 0o640);
    const mtime = new Date(1_600_000_000_123);
    const pieces = [Buffer.from('ne'), Buffer.from('wer')];
    const entry = await storage.writeFile(at('file'), pieces, { overwrite: true, mtime });
    expect(entry).toEqual(await storage.stat(at('file')));
    expect(entry.mtime).toEqual(mtime);
    expect((await stat(local('file'))).mode & 0o777).toBe(0o640);
    expect(await textOf(local('file'))).toBe('newer');
  });

  it('that must be new is complete at once, and replaces nothing', async () => {
    const { storage, root, local, made } = await smallPlace();
    const options = { overwrite: false };
    const entry = await storage.writeFile(at('file'), [Buffer.from('new')], options);
    expect(entry).toEqual(await storage.stat(at('file')));
    expect((await stat(local('file'))).nlink).toBe(1);
    expect(await codeOf(store(storage, 'file', { content: 'other', ...options }))).toBe('EEXIST');
    expect(await textOf(local('file'))).toBe('new');
    expect(made).toEqual([]);
    expect(await privateIn(root)).toEqual([]);
    expect(await openIn(root)).toEqual([]);
  });

  it('that must be new replaces no file that appears during the write', async () => {
    const { storage, root, local } = await smallPlace();
    const write = fs.writevSync;
    vi.spyOn(fs, 'writevSync').mockImplementation((...args: Parameters<typeof write>) => {
      fs.writeFileSync(local('file'), 'of another process');
      return write(...args);
    });
    const writing = store(storage, 'file', { content: 'new', overwrite: false });
    expect(await codeOf(writing)).toBe('EEXIST');
    expect(await textOf(local('file'))).toBe('of another process');
    expect(await privateIn(root)).toEqual([]);
  });

  it('that must be new is renamed where there are no hard links', async () => {
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error('no links'), { code: 'EPERM' });
    });
    const { storage, root, local } = await smallPlace();
    await storage.writeFile(at('file'), [Buffer.from('new')], { overwrite: false });
    expect(await textOf(local('file'))).toBe('new');
    expect(await partsIn(root)).toEqual([]);
  });

  it('is written as a part if it is large, or has to be flushed', async () => {
    const { storage, root, local } = await smallPlace();
    const direct = vi.spyOn(fs, 'writevSync');
    await store(storage, 'large', { content: bytesOf(200 * KIB) });
    expect(fs.readFileSync(local('large')).equals(bytesOf(200 * KIB))).toBe(true);
    expect(direct).not.toHaveBeenCalled();
    const { calls, made: synced } = new FailingCalls(0);
    const durable = new DirectoryStorage(root, {}, { calls: syncCalls(calls, { isLocal: () => true }) });
    await store(durable, 'durable', { content: 'x' });
    expect(synced).toContain('fsync');
  });

  it.each(['openSync', 'writevSync', 'renameSync'] as const)(
    'keeps the older file when %s fails',
    async (call) => {
      const { storage, root, local } = await smallPlace();
      await store(storage, 'file', { content: 'older' });
      vi.spyOn(fs, call).mockImplementation(() => {
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      });
      expect(await codeOf(store(storage, 'file', { content: 'newer' }))).toBe('ENOSPC');
      vi.restoreAllMocks();
      expect(await textOf(local('file'))).toBe('older');
      expect(await privateIn(root)).toEqual([]);
      expect(await openIn(root)).toEqual([]);
    },
  );

  it('is stored although another process has made a file with the name of its temporary file', async () => {
    const { storage, local } = await smallPlace();
    const open = fs.openSync;
    let taken = '';
    vi.spyOn(fs, 'openSync').mockImplementation((...args: Parameters<typeof open>) => {
      if (taken === '' && /\.socket-ftp-[0-9a-f]{32}$/.test(String(args[0]))) {
        taken = local(String(args[0]).slice(String(args[0]).lastIndexOf('/') + 1));
        fs.writeFileSync(taken, 'of another process');
      }
      return open(...args);
    });
    for (const overwrite of [true, false]) {
      taken = '';
      await store(storage, `file-${overwrite}`, { content: 'mine', overwrite });
      expect(await textOf(local(`file-${overwrite}`))).toBe('mine');
      expect(await textOf(taken)).toBe('of another process');
    }
  });

  it('is complete even if the system writes a few bytes at a time', async () => {
    const { storage, local } = await smallPlace();
    const few = (fd: number, [first = Buffer.alloc(0)]: readonly NodeJS.ArrayBufferView[]): number =>
      fs.writeSync(fd, first as Uint8Array, 0, Math.min(3, first.byteLength));
    vi.spyOn(fs, 'writevSync').mockImplementation(few);
    await storage.writeFile(at('file'), [Buffer.from('01234'), Buffer.from('56789')], { overwrite: true });
    expect(await textOf(local('file'))).toBe('0123456789');
  });

  it('replaces no directory and no link, and needs a parent directory', async () => {
    const { storage, root, outside, local } = await smallPlace();
    await mkdir(local('folder'));
    await symlink(outside, local('link'));
    const codes = [];
    for (const name of ['folder', 'link', 'link/file', 'missing/file', '.socket-ftp/file'])
      codes.push(await codeOf(store(storage, name, { content: 'x' })));
    expect(codes).toEqual(['EISDIR', 'ELOOP', 'ELOOP', 'ENOENT', 'EACCES']);
    expect(await readdir(outside)).toEqual([]);
    expect(await privateIn(root)).toEqual([]);
  });

  it('is stored only if its condition holds', async () => {
    const { storage, local } = await smallPlace();
    const { etag: ifMatch } = await store(storage, 'file', { content: 'one' });
    await store(storage, 'file', { content: 'between', ifMatch });
    expect(await codeOf(store(storage, 'file', { content: 'two', ifMatch }))).toBe('ESTALE');
    expect(await textOf(local('file'))).toBe('between');
  });

  it('waits for other work on its path', async () => {
    const { storage, local } = await smallPlace();
    const others = ['a', 'b'].map((text) =>
      storage.write(at('file'), { overwrite: true }).then(async (other) => {
        await other.write([Buffer.from(text)]);
        return other;
      }),
    );
    const commits = (await Promise.all(others)).map((version) => version.commit());
    const entries = await Promise.all([...commits, store(storage, 'file', { content: 'small' })]);
    // The version of the last writer is there, whole.
    const last = await storage.stat(at('file'));
    expect(entries.filter(({ etag }) => etag === last.etag)).toEqual([last]);
    expect(['a', 'b', 'small']).toContain(await textOf(local('file')));
  });

  it('is written by threads when it replaces a large file, and when synchronous calls are off', async () => {
    const { storage, local, made, pause } = await smallPlace();
    await writeFile(local('large'), '');
    await truncate(local('large'), 2 * KIB * KIB);
    await store(storage, 'large', { content: 'small' });
    expect(made).toContain('rename');
    made.length = 0;
    pause();
    await store(storage, 'file', { content: 'x' });
    expect(made).toEqual(expect.arrayContaining(['open', 'writev', 'rename']));
    expect([await textOf(local('large')), await textOf(local('file'))]).toEqual(['small', 'x']);
  });

  it('needs no private folder, and changes its directory no more after it is stored', async () => {
    const { storage, root } = await smallPlace();
    await store(storage, 'file', { content: 'x' });
    const { mtimeMs } = await stat(root);
    expect((await readdir(root)).sort()).toEqual(['file', 'first']);
    await storage.close();
    expect((await stat(root)).mtimeMs).toBe(mtimeMs);
  });

  it('is there without a promise once the storage knows its root', async () => {
    const { storage } = await smallPlace();
    const bytes = [Buffer.from('x')];
    expect(storage.writeFile(at('file'), bytes, { overwrite: true })).toMatchObject({
      path: 'file',
      size: 1,
    });
    expect(storage.writeFile(at('new'), bytes, { overwrite: false })).toMatchObject({ path: 'new', size: 1 });
    expect(storage.readFile(at('file'))).toMatchObject({ entry: { size: 1 } });
  });
});
