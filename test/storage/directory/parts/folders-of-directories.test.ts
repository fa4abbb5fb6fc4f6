/** The private folder of each directory: what new files get from it, and how it comes and goes. */
import { execFile } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { asUnprivilegedUser } from '../../../support/servers/unprivileged-user.js';
import { at, codeOf, listed, makePlace, openIn, partsIn, walkings } from '../directory-fixture.js';

const replace = { overwrite: true };
const resumable = { ...replace, uploadId: 'id' };
const isRoot = process.getuid?.() === 0;
const HOUR = 60 * 60 * 1000;

afterEach(() => void vi.useRealTimers());

async function suspend(storage: DirectoryStorage, name: string): Promise<void> {
  const pending = await storage.write(at(name), resumable);
  await pending.write([Buffer.from(name)]);
  await pending.suspend?.();
}

async function knows(storage: DirectoryStorage, name: string): Promise<string | undefined> {
  const found = await storage.resume(at(name), resumable);
  if (found?.kind === 'pending') await found.pending.suspend?.();
  return found?.kind;
}

/** Resolves when a directory has no private folder, which is removed in the background. */
async function untilNoFolder(directory: string): Promise<void> {
  while (await partsIn(directory)) await nextTurn();
}

describe.skipIf(process.platform === 'win32').each(walkings)('a new file, walked by %s', (walking) => {
  it.runIf(isRoot)('gets the group of a directory that passes it on', async () => {
    const { storage, local } = await makePlace({ walking });
    await mkdir(local('shared'));
    await chown(local('shared'), 0, 1234);
    await chmod(local('shared'), 0o2775);
    await storage.writeFile(at('shared/small'), [Buffer.from('x')], { ...replace, flush: false });
    await put(storage, 'shared/streamed', 'x');
    await suspend(storage, 'shared/resumed');
    const found = await storage.resume(at('shared/resumed'), resumable);
    if (found?.kind === 'pending') await found.pending.commit();
    await put(storage, 'source', 'x');
    await storage.copy(at('source'), at('shared/copy'), replace);
    await (await storage.append(at('shared/copy'), replace)).commit();
    for (const name of ['small', 'streamed', 'resumed', 'copy']) {
      expect((await stat(local('shared', name))).gid, name).toBe(1234);
    }
    expect((await stat(local('shared', '.socket-ftp'))).mode & 0o777).toBe(0o700);
  });

  it('gets the default access control list of its directory', async ({ skip }) => {
    const { storage, local } = await makePlace({ walking });
    await mkdir(local('shared'));
    const set = promisify(execFile)('setfacl', ['-d', '-m', 'u:12345:rw', local('shared')]);
    if (await codeOf(set))
      skip('This machine has no setfacl, or its file system has no access control lists.');
    await writeFile(local('shared', 'direct'), 'x');
    await put(storage, 'shared/uploaded', 'x');
    const lists = await Promise.all(
      ['direct', 'uploaded'].map((name) => promisify(execFile)('getfacl', ['-cn', local('shared', name)])),
    );
    expect(lists[0]?.stdout).toContain('user:12345:rw');
    expect(lists[1]?.stdout).toBe(lists[0]?.stdout);
  });

  it('is stored in a writable directory of a root that is not writable', async () => {
    const { storage, root, local } = await makePlace({ walking });
    await mkdir(local('upload'));
    await chmod(local('upload'), 0o777);
    await chmod(root, 0o555);
    await asUnprivilegedUser(async () => {
      await put(storage, 'upload/streamed', 'x');
      await storage.writeFile(at('upload/small'), [Buffer.from('x')], { ...replace, flush: false });
      await suspend(storage, 'upload/suspended');
      expect(await knows(storage, 'upload/suspended')).toBe('pending');
      expect(await listed(storage)).toEqual(['upload', 'upload/small', 'upload/streamed']);
    });
    await chmod(root, 0o755);
    expect(await partsIn(root)).toBeUndefined();
  });

  it('is refused before its first byte in a directory that may not be written', async () => {
    const { storage, root, local } = await makePlace({ walking });
    await chmod(root, 0o755);
    await mkdir(local('closed'));
    await chmod(local('closed'), 0o555);
    await asUnprivilegedUser(async () => {
      const refused = {
        code: 'EACCES',
        reason: "The server's process may not create files in this directory.",
      };
      await expect(storage.write(at('closed/new'), replace)).rejects.toMatchObject(refused);
      await expect(storage.write(at('closed/new'), resumable)).rejects.toMatchObject(refused);
      const small = storage.writeFile(at('closed/new'), [Buffer.from('x')], { ...replace, flush: false });
      await expect(small).rejects.toMatchObject(refused);
    });
    await chmod(local('closed'), 0o755);
    expect(await readdir(local('closed'))).toEqual([]);
  });

  it('is refused before its first byte in a directory that is not writable any more', async () => {
    const denied = () => Promise.reject(Object.assign(new Error(), { code: 'EACCES' }));
    const calls = { ...fileCalls };
    const { storage, local } = await makePlace({ walking, calls });
    await mkdir(local('folder'));
    await put(storage, 'folder/file', 'x');
    calls.access = denied;
    expect(await codeOf(storage.write(at('folder/file'), replace))).toBe('EACCES');
    expect(await partsIn(local('folder'))).toEqual([]);
    expect(await openIn(local('folder'))).toEqual([]);
  });

  it.runIf(isRoot)('is refused with a reason if the private folder belongs to another user', async () => {
    const { storage, root, local } = await makePlace({ walking });
    await chmod(root, 0o755);
    await mkdir(local('folder', '.socket-ftp'), { recursive: true });
    await chmod(local('folder'), 0o777);
    await chmod(local('folder', '.socket-ftp'), 0o700);
    await asUnprivilegedUser(async () => {
      await expect(storage.write(at('folder/file'), replace)).rejects.toMatchObject({
        code: 'EACCES',
        reason: expect.stringContaining('belongs to another user'),
      });
    });
  });

  it('has a missing directory in its error before its first byte', async () => {
    const { storage } = await makePlace({ walking });
    for (const options of [replace, resumable]) {
      await expect(storage.write(at('missing/file'), options)).rejects.toMatchObject({
        code: 'ENOENT',
        path: 'missing/file',
        reason: expect.stringContaining('parent directory'),
      });
    }
    expect(await codeOf(storage.resume(at('missing/file'), resumable))).toBeUndefined();
  });
});

describe.each(walkings)('the private folder of a directory, walked by %s', (walking) => {
  it('is removed when it is empty and unused for some seconds', async () => {
    const { storage, local } = await makePlace({ walking });
    await mkdir(local('folder'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await put(storage, 'folder/file', 'x');
    await put(storage, 'file', 'x');
    const pending = await storage.write(at('folder/under way'), replace);
    await vi.advanceTimersByTimeAsync(20_000);
    await untilNoFolder(local(''));
    expect(await partsIn(local('folder'))).toHaveLength(1);
    await pending.commit();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await partsIn(local('folder'))).toEqual([]);
    await vi.advanceTimersByTimeAsync(20_000);
    await untilNoFolder(local('folder'));
    // And is created again.
    await put(storage, 'folder/other', 'x');
    expect((await readdir(local('folder'))).sort()).toEqual(['.socket-ftp', 'file', 'other', 'under way']);
    await storage.close();
    expect(vi.getTimerCount()).toBe(0);
    expect((await readdir(local('folder'))).sort()).toEqual(['file', 'other', 'under way']);
  });

  it('stays while it holds a suspended upload, which can be resumed', async () => {
    const { storage, local } = await makePlace({ walking });
    await mkdir(local('folder'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await suspend(storage, 'folder/file');
    await vi.advanceTimersByTimeAsync(60_000);
    await storage.close();
    expect(await partsIn(local('folder'))).toHaveLength(1);
    expect(await knows(new DirectoryStorage(local('')), 'folder/file')).toBe('pending');
  });

  it('does not keep its directory from being removed', async () => {
    const { storage, root, local } = await makePlace({ walking });
    for (const name of ['empty', 'suspended', 'running', 'foreign', 'full']) await mkdir(local(name));
    await put(storage, 'empty/file', 'x');
    await storage.remove(at('empty/file'), { recursive: false });
    await suspend(storage, 'suspended/file');
    const running = await storage.write(at('running/file'), replace);
    for (const name of ['empty', 'suspended', 'running'])
      await storage.remove(at(name), { recursive: false });
    expect(await codeOf(running.commit())).toBe('ENOENT');
    await suspend(storage, 'full/file');
    await put(storage, 'full/other', 'x');
    expect(await codeOf(storage.remove(at('full'), { recursive: false }))).toBe('ENOTEMPTY');
    expect(await knows(storage, 'full/file')).toBe('pending');
    await suspend(storage, 'foreign/file');
    await writeFile(local('foreign', '.socket-ftp', 'note'), '');
    expect(await codeOf(storage.remove(at('foreign'), { recursive: false }))).toBe('ENOTEMPTY');
    expect(await knows(storage, 'foreign/file')).toBe('pending');
    await storage.remove(at('full'), { recursive: true });
    expect(await readdir(root)).toEqual(['foreign']);
    expect(await openIn(root)).toEqual([]);
  });

  it('moves with its directory, and is used under the new path', async () => {
    const { storage, root, local } = await makePlace({ walking });
    await mkdir(local('old', 'inner'), { recursive: true });
    await put(storage, 'old/inner/file', 'x');
    const running = await storage.write(at('old/inner/running'), replace);
    await storage.rename(at('old'), at('new'), { overwrite: false });
    expect(await codeOf(running.commit())).toBe('ENOENT');
    await mkdir(local('old', 'inner'), { recursive: true });
    await put(storage, 'old/inner/file', 'y');
    await put(storage, 'new/inner/other', 'z');
    expect(await textAt(storage, 'old/inner/file')).toBe('y');
    expect(await listed(storage, 'new')).toEqual(['new/inner', 'new/inner/file', 'new/inner/other']);
    await storage.close();
    const left = walking === 'handles' ? undefined : 1;
    expect((await partsIn(local('new', 'inner')))?.length).toBe(left);
    expect(await partsIn(local('old', 'inner'))).toBeUndefined();
    expect(await openIn(root)).toEqual([]);
  });

  it('is opened again when its directory was replaced during an upload', async () => {
    const { storage, root, local } = await makePlace({ walking });
    await mkdir(local('folder'));
    const running = await storage.write(at('folder/running'), replace);
    await nextTurn();
    await rm(local('folder'), { recursive: true });
    await mkdir(local('folder'));
    await put(storage, 'folder/file', 'x');
    expect(await textAt(storage, 'folder/file')).toBe('x');
    await running.discard();
    expect(await openIn(root)).toEqual([]);
    await rmdir(local('folder', '.socket-ftp'));
  });

  it('of a killed process is swept when its directory is listed or written to', async () => {
    const { storage, local } = await makePlace({ walking });
    for (const name of ['listed', 'written']) {
      await mkdir(local(name));
      await suspend(new DirectoryStorage(local('')), `${name}/file`);
    }
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() + 25 * HOUR });
    // A storage that has written nothing removes nothing.
    await listed(storage);
    await storage.close();
    expect(await partsIn(local('listed'))).toHaveLength(1);
    await put(storage, 'written/other', 'x');
    expect(await partsIn(local('written'))).toEqual([]);
    await listed(storage, 'listed', false);
    while ((await partsIn(local('listed')))?.length !== 0) await nextTurn();
    await vi.advanceTimersByTimeAsync(20_000);
    await untilNoFolder(local('listed'));
    expect(await lstat(local('listed'))).toBeDefined();
  });

  it('counts with all others towards the number of suspended uploads', async () => {
    const { root, local } = await makePlace();
    const storage = new DirectoryStorage(root, { maxSuspendedUploads: 3 }, { walking });
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await mkdir(local(name));
    for (const name of names) await suspend(storage, `${name}/file`);
    await storage.close();
    const kept = await Promise.all(names.map(async (name) => (await partsIn(local(name)))?.length ?? 0));
    expect(kept.reduce((sum, count) => sum + count)).toBe(3);
  });
});
