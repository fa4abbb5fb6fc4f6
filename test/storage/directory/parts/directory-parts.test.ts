import { chmod, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls, type Stats } from '../../../../src/storage/directory/calls/file-calls.js';
import { REMOTE_ROOT } from '../../../../src/protocol/remote-path.js';
import { at, codeOf, listed, makePlace, partsIn, textOf, walkings } from '../directory-fixture.js';

const replace = { overwrite: true };
const posix = describe.skipIf(process.platform === 'win32');

describe('the private folder', () => {
  it('is created by the first upload with access for its owner only, and removed by close()', async () => {
    const { storage, root } = await makePlace();
    await storage.stat(REMOTE_ROOT);
    expect(await partsIn(root)).toBeUndefined();
    await put(storage, 'file', 'x');
    expect(await partsIn(root)).toEqual([]);
    if (process.platform !== 'win32') {
      expect((await stat(path.join(root, '.socket-ftp'))).mode & 0o777).toBe(0o700);
    }
    await storage.close();
    await storage.close();
    expect(await readdir(root)).toEqual(['file']);
  });

  it('stays at close() when another storage created it, or while an upload is running', async () => {
    const { storage, root } = await makePlace();
    const pending = await storage.write(at('file'), replace);
    await new DirectoryStorage(root).close();
    const other = new DirectoryStorage(root);
    await put(other, 'other', 'x');
    await other.close();
    await pending.write([Buffer.from('x')]);
    await pending.commit();
    expect(await listed(storage)).toEqual(['file', 'other']);
  });

  it('is created again if another process has removed it', async () => {
    const { storage, root } = await makePlace();
    await put(storage, 'a', 'x');
    const other = new DirectoryStorage(root);
    await put(other, 'b', 'x');
    await other.close();
    expect(await partsIn(root)).toBeUndefined();
    await put(storage, 'c', 'x');
    expect(await listed(storage)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    '.socket-ftp',
    '.SOCKET-FTP',
    '.Socket-Ftp',
    '.ſocket-ftp',
    '.soc\u212aet-ftp',
    '.socket\u00ad-ftp',
    '\u200b.socket-ftp',
    '\uff0esocket-ftp',
    '.socket-ftp.',
    '.socket-ftp ',
    '.Socket-FTP. .',
    '.socket-ftp::$INDEX_ALLOCATION',
    '.socket-ftp :x',
  ])('cannot be addressed as %j, nor can its content', async (name) => {
    const { storage, root } = await makePlace();
    await put(storage, 'file', 'x');
    const pending = await storage.write(at('under way'), replace);
    const [part = ''] = (await partsIn(root)) ?? [];
    for (const target of [at(name), at(`${name}/${part}`)]) {
      expect(await codeOf(storage.stat(target))).toBe('EACCES');
      expect(await codeOf(storage.read(target))).toBe('EACCES');
      expect(await codeOf(listed(storage, target))).toBe('EACCES');
      expect(await codeOf(storage.write(target, replace))).toBe('EACCES');
      expect(await codeOf(storage.mkdir(target, { recursive: true }))).toBe('EACCES');
      expect(await codeOf(storage.mkdir(target, { recursive: false }))).toBe('EACCES');
      expect(await codeOf(storage.remove(target, { recursive: true }))).toBe('EACCES');
      expect(await codeOf(storage.rename(target, at('new'), replace))).toBe('EACCES');
      expect(await codeOf(storage.rename(at('file'), target, replace))).toBe('EACCES');
      expect(await codeOf(storage.copy(target, at('new'), replace))).toBe('EACCES');
      expect(await codeOf(storage.copy(at('file'), target, replace))).toBe('EACCES');
      expect(await codeOf(storage.resume(target, { ...replace, uploadId: 'id' }))).toBe('EACCES');
      expect(await codeOf(storage.write(target, { ...replace, uploadId: 'id' }))).toBe('EACCES');
    }
    expect(await listed(storage)).toEqual(['file']);
    await pending.discard();
  });

  it('has no path by a dot', () => {
    expect(() => at('./.socket-ftp')).toThrow('EILSEQ');
    expect(() => at('./.socket-ftp/x')).toThrow('EILSEQ');
  });

  it('cannot be addressed by a short name that the file system generated', async () => {
    const lstat: typeof fileCalls.lstat = (name) => fileCalls.lstat(name.replace(/SOCKET~1$/, '.socket-ftp'));
    const { storage } = await makePlace({ calls: { ...fileCalls, lstat } });
    await put(storage, 'SOCKET~2', 'an ordinary name');
    expect(await codeOf(storage.stat(at('SOCKET~1')))).toBe('EACCES');
    expect(await codeOf(storage.stat(at('SOCKET~1/x')))).toBe('EACCES');
    expect(await textAt(storage, 'SOCKET~2')).toBe('an ordinary name');
  });

  it('cannot be addressed deeper in the tree either', async () => {
    const lstat: typeof fileCalls.lstat = (name) => fileCalls.lstat(name.replace(/SOCKET~1$/, '.socket-ftp'));
    const { storage, local } = await makePlace({ calls: { ...fileCalls, lstat } });
    await storage.mkdir(at('a/b'), { recursive: true });
    await put(storage, 'a/b/file~', 'x');
    const pending = await storage.write(at('a/b/under way'), replace);
    for (const name of ['a/b/.socket-ftp', 'a/b/.Socket-FTP/x', 'a/b/SOCKET~1', 'a/b/SOCKET~1/x']) {
      expect(await codeOf(storage.stat(at(name)))).toBe('EACCES');
      expect(await codeOf(listed(storage, name))).toBe('EACCES');
      expect(await codeOf(storage.write(at(name), replace))).toBe('EACCES');
      expect(await codeOf(storage.mkdir(at(name), { recursive: true }))).toBe('EACCES');
      expect(await codeOf(storage.remove(at(name), { recursive: true }))).toBe('EACCES');
      expect(await codeOf(storage.rename(at(name), at('new'), replace))).toBe('EACCES');
      expect(await codeOf(storage.rename(at('a/b/file~'), at(name), replace))).toBe('EACCES');
    }
    expect(await listed(storage)).toEqual(['a', 'a/b', 'a/b/file~']);
    expect(await partsIn(local('a', 'b'))).toHaveLength(1);
    await pending.discard();
    expect(await textAt(storage, 'a/b/file~')).toBe('x');
  });

  it('fails uploads with EACCES if it is not a folder', async () => {
    const { storage, local } = await makePlace();
    await writeFile(local('.socket-ftp'), '');
    expect(await codeOf(storage.write(at('file'), replace))).toBe('EACCES');
    expect(await listed(storage)).toEqual([]);
  });

  it('is swept by the first upload: parts older than a day are removed, and nothing else', async () => {
    const [stale, fresh] = ['0'.repeat(32) + '.part', '1'.repeat(32) + '.part'];
    const lstat: typeof fileCalls.lstat = async (name) => {
      const stats = await fileCalls.lstat(name);
      return name.endsWith(stale) || name.endsWith('note.txt') ? aged(stats) : stats;
    };
    const { storage, root, local } = await makePlace({ calls: { ...fileCalls, lstat } });
    await mkdir(local('.socket-ftp'));
    for (const name of [stale, fresh, 'note.txt']) {
      await writeFile(local('.socket-ftp', name), '');
      await utimes(local('.socket-ftp', name), 0, 0);
    }
    await listed(storage);
    expect(await partsIn(root)).toHaveLength(3);
    await put(storage, 'file', 'x');
    expect((await partsIn(root))?.sort()).toEqual([fresh, 'note.txt']);
  });
});

posix.each(walkings)('an upload, walked by %s', (walking) => {
  it('ftp-srv 4.6: keeps the older file when it is cut', async () => {
    const { storage, root, local } = await makePlace({ walking });
    const older = await put(storage, 'file', 'older');
    const pending = await storage.write(at('file'), replace);
    await pending.write([Buffer.from('new')]);
    expect(await textOf(local('file'))).toBe('older');
    expect(await partsIn(root)).toHaveLength(1);
    await pending.discard();
    expect(await textOf(local('file'))).toBe('older');
    expect(await storage.stat(at('file'))).toEqual(older);
    expect(await partsIn(root)).toEqual([]);
  });

  it('keeps the permissions of the file that it replaces, including later changes', async () => {
    const { storage, local } = await makePlace({ walking });
    await put(storage, 'file', 'older');
    await chmod(local('file'), 0o604);
    await put(storage, 'file', 'newer');
    expect((await stat(local('file'))).mode & 0o7777).toBe(0o604);
    const pending = await storage.write(at('file'), replace);
    await chmod(local('file'), 0o4640);
    const entry = await pending.commit();
    expect((await stat(local('file'))).mode & 0o7777).toBe(0o640);
    expect(await storage.stat(at('file'))).toEqual(entry);
  });

  it.each([0o604, 0o755, 0o444, 0o000])(
    'keeps the permissions %o even if the upload can be resumed',
    async (bits) => {
      const { storage, local, root } = await makePlace({ walking });
      await put(storage, 'file', 'older');
      await chmod(local('file'), bits);
      const pending = await storage.write(at('file'), { ...replace, uploadId: 'id' });
      const [part = ''] = (await partsIn(root)) ?? [];
      // A resuming process must be able to open the part.
      expect((await stat(local('.socket-ftp', part))).mode & 0o600).toBe(0o600);
      await pending.commit();
      expect((await stat(local('file'))).mode & 0o7777).toBe(bits);
    },
  );

  it('gives a new file the default permissions of the process', async () => {
    const { storage, local } = await makePlace({ walking });
    await writeFile(local('by hand'), '');
    await put(storage, 'file', '');
    expect((await stat(local('file'))).mode).toBe((await stat(local('by hand'))).mode);
  });

  it('copies with the permissions of the original, or of the file that it replaces', async () => {
    const { storage, local } = await makePlace({ walking });
    await put(storage, 'script', 'x');
    await chmod(local('script'), 0o750);
    await put(storage, 'older', 'x');
    await chmod(local('older'), 0o600);
    await storage.copy(at('script'), at('new'), replace);
    await storage.copy(at('script'), at('older'), replace);
    expect((await stat(local('new'))).mode & 0o777).toBe(0o750);
    expect((await stat(local('older'))).mode & 0o777).toBe(0o600);
  });
});

/** The same file, a day and an hour ago. */
function aged(stats: Stats): Stats {
  stats.ctimeMs -= BigInt(25 * 60 * 60 * 1000);
  return stats;
}
