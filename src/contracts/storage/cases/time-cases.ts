/** The part of the storage contract about modification times, for storages that can set them. */
import assert from 'node:assert/strict';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { Storage } from '../../../storage/storage.js';
import type { StorageCases } from '../storage-case.js';
import { at, failsWith, pathsIn, put, textAt, type WritableStorage } from '../storage-fixture.js';

/** A storage that can set modification times. */
export type TimedStorage = WritableStorage & Required<Pick<Storage, 'utimes'>>;

const mtime = new Date(1_600_000_000_123);

export const timeCases: StorageCases<TimedStorage> = {
  async 'it sets the time of a file, and changes nothing else'(storage) {
    await storage.mkdir(at('folder'), { recursive: false });
    await put(storage, 'folder/file', 'content');
    await storage.utimes(at('folder'), mtime);
    for (const time of [mtime, new Date(0), new Date(-1), new Date(-1_000_000_000_123), mtime, mtime]) {
      const entry = await storage.utimes(at('folder/file'), time);
      assert.deepEqual([entry.path, entry.kind, entry.size], ['folder/file', 'file', 7]);
      assert.deepEqual(entry.mtime, time);
      assert.deepEqual(await storage.stat(at('folder/file')), entry);
    }
    assert.equal(await textAt(storage, 'folder/file'), 'content');
    assert.deepEqual((await storage.stat(at('folder'))).mtime, mtime);
  },
  async 'it sets the time of a directory'(storage) {
    await storage.mkdir(at('folder'), { recursive: false });
    const entry = await storage.utimes(at('folder'), mtime);
    assert.deepEqual([entry.path, entry.kind, entry.size], ['folder', 'directory', 0]);
    assert.deepEqual(entry.mtime, mtime);
    assert.deepEqual(await storage.stat(at('folder')), entry);
  },
  async 'it sets no time that is not a date, and none of what is not there, or of the root'(storage) {
    const older = await put(storage, 'file', 'x');
    await failsWith('EINVAL', storage.utimes(at('file'), new Date(NaN)));
    await failsWith('ENOENT', storage.utimes(at('missing'), mtime));
    await failsWith('ENOENT', storage.utimes(at('missing/file'), mtime));
    await failsWith('ENOTDIR', storage.utimes(at('file/inner'), mtime));
    await failsWith('EACCES', storage.utimes(REMOTE_ROOT, mtime));
    assert.deepEqual(await storage.stat(at('file')), older);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['file']);
  },
};
