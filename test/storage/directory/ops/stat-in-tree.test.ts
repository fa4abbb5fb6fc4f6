/** Looks at files, at once by a synchronous call or by other calls. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { REMOTE_ROOT } from '../../../../src/protocol/remote-path.js';
import { syncCalls } from '../../../../src/storage/directory/calls/sync-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { at, codeOf, makePlace, type Place } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';

/** A storage whose root is found, and the calls that it leaves to threads. */
async function statPlace(): Promise<Place & { made: string[]; pause: () => void }> {
  const { calls: threads, made } = new FailingCalls(0);
  let isLocal = true;
  const calls = syncCalls(threads, { isLocal: () => isLocal });
  const place = await makePlace();
  await mkdir(place.local('folder'));
  await writeFile(place.local('folder/file'), 'bytes');
  const storage = new DirectoryStorage(place.root, {}, { calls });
  await storage.stat(at('folder/file'));
  made.length = 0;
  return { ...place, storage, made, pause: () => (isLocal = false) };
}

describe.skipIf(process.platform !== 'linux')('stat', () => {
  it('tells the same at once as by threads', async () => {
    const { storage, made, pause } = await statPlace();
    const paths = [at('folder/file'), at('folder'), REMOTE_ROOT];
    const atOnce = await Promise.all(paths.map((path) => storage.stat(path)));
    expect(made).toEqual([]);
    pause();
    expect(await Promise.all(paths.map((path) => storage.stat(path)))).toEqual(atOnce);
    expect(made).toContain('lstat');
  });

  it('fails with the same codes at once as by threads', async () => {
    const { storage, local, made, pause } = await statPlace();
    await symlink('file', local('folder/link'));
    const paths = ['folder/missing', 'missing/file', 'folder/file/below', 'folder/link', '.socket-ftp'].map(
      at,
    );
    const codes = () => Promise.all(paths.map((path) => codeOf(storage.stat(path))));
    const expected = ['ENOENT', 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'];
    expect(await codes()).toEqual(expected);
    expect(made).toEqual([]);
    pause();
    expect(await codes()).toEqual(expected);
  });

  it('does not keep a directory beyond the tick', async () => {
    const { storage, local } = await statPlace();
    await storage.stat(at('folder/file'));
    await new Promise((resolve) => setImmediate(resolve));
    await storage.rename(at('folder'), at('other'), { overwrite: false });
    expect(await codeOf(storage.stat(at('folder/file')))).toBe('ENOENT');
    await mkdir(local('folder'));
    await writeFile(local('folder/file'), 'longer bytes');
    expect((await storage.stat(at('folder/file'))).size).toBe('longer bytes'.length);
  });
});
