/** When a new part looks for the record of an earlier commit under its id, and when it need not. */
import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, makePlace, partsIn } from '../directory-fixture.js';

const replace = { overwrite: true, uploadId: 'id' };

async function commit(storage: DirectoryStorage, name: string): Promise<void> {
  const pending = await storage.write(at(name), replace);
  await pending.write([Buffer.from('x')]);
  await pending.commit('token');
}

/** The records that remain after an upload has restarted. */
async function recordsAfterStart(storage: DirectoryStorage, root: string): Promise<string[]> {
  const pending = await storage.write(at('file'), replace);
  const records = ((await partsIn(root)) ?? []).filter((name) => name.endsWith('.done'));
  await pending.discard();
  return records;
}

describe('a commit record', () => {
  it('is not looked up by new uploads when there is none', async () => {
    const looks: string[] = [];
    const lstatIfAny: typeof fileCalls.lstatIfAny = (name) => {
      looks.push(name);
      return fileCalls.lstatIfAny(name);
    };
    const { storage, local } = await makePlace({ calls: { ...fileCalls, lstatIfAny } });
    await mkdir(local('.socket-ftp'));
    for (const uploadId of ['a', 'b', 'c']) {
      const pending = await storage.write(at(uploadId), { overwrite: true, uploadId });
      await pending.commit();
    }
    expect(looks).toHaveLength(6);
    expect(looks.filter((name) => name.endsWith('.done'))).toEqual([]);
  });

  it('is removed when its upload restarts', async () => {
    const { storage, root } = await makePlace();
    await commit(storage, 'file');
    expect(await partsIn(root)).toHaveLength(1);
    expect(await recordsAfterStart(storage, root)).toEqual([]);
  });

  it('of an earlier process is removed, too', async () => {
    const { storage, root } = await makePlace();
    await commit(storage, 'file');
    expect(await recordsAfterStart(new DirectoryStorage(root), root)).toEqual([]);
  });

  it('is removed even if the folder is unreadable', async () => {
    const { storage, root } = await makePlace();
    await commit(storage, 'file');
    const opendir: typeof fileCalls.opendir = () =>
      Promise.reject(Object.assign(new Error(), { code: 'EACCES' }));
    const blind = new DirectoryStorage(root, {}, { calls: { ...fileCalls, opendir } });
    expect(await recordsAfterStart(blind, root)).toEqual([]);
  });

  it('of another process is removed after its upload was requested here', async () => {
    const { storage, root } = await makePlace();
    const other = new DirectoryStorage(root);
    await put(other, 'other', 'x');
    await commit(storage, 'file');
    expect(await other.resume(at('file'), replace)).toMatchObject({ kind: 'committed' });
    expect(await recordsAfterStart(other, root)).toEqual([]);
  });
});
