/** The part of the storage contract about permission bits, for storages that can set them. */
import assert from 'node:assert/strict';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { Storage, StorageWriteOptions } from '../../../storage/storage.js';
import type { StorageCases } from '../storage-case.js';
import { at, failsWith, pathsIn, put, textAt, type WritableStorage } from '../storage-fixture.js';

/** A storage with permission bits. */
export type StorageWithModes = WritableStorage & Required<Pick<Storage, 'chmod'>>;

const pieces = [Buffer.from('content')];

export const modeCases: StorageCases<StorageWithModes> = {
  async 'it sets the permission bits of a file, and changes neither its bytes nor its time'(storage) {
    const { mode: before, mtime } = await put(storage, 'file', 'content');
    if (before === undefined) return failsWith('ENOTSUP', storage.chmod(at('file'), 0o644));
    for (const mode of [0o600, 0o755, 0o777, 0o640]) {
      const entry = await storage.chmod(at('file'), mode);
      assert.deepEqual([entry.path, entry.kind, entry.size, entry.mode], ['file', 'file', 7, mode]);
      assert.deepEqual(entry.mtime, mtime);
      assert.deepEqual(await storage.stat(at('file')), entry);
    }
    assert.equal(await textAt(storage, 'file'), 'content');
  },
  async 'it sets the permission bits of a directory, and lists them'(storage) {
    await storage.mkdir(at('folder'), { recursive: false });
    if ((await storage.stat(at('folder'))).mode === undefined) return;
    const entry = await storage.chmod(at('folder'), 0o750);
    assert.deepEqual([entry.path, entry.kind, entry.mode], ['folder', 'directory', 0o750]);
    const listed: FileEntry[] = [];
    for await (const each of storage.list(REMOTE_ROOT, { recursive: false })) listed.push(each);
    assert.deepEqual(listed, [entry]);
  },
  async 'it gives a file of mode 0 other permission bits'(storage) {
    if ((await put(storage, 'file', 'x')).mode === undefined) return;
    assert.equal((await storage.chmod(at('file'), 0)).mode, 0);
    assert.equal((await storage.chmod(at('file'), 0o600)).mode, 0o600);
  },
  async 'it stores a file with exactly the permission bits that are named'(storage) {
    if ((await put(storage, 'older', 'x')).mode === undefined) return;
    for (const mode of [0o777, 0o400, 0]) {
      for (const uploadId of [undefined, 'ab'.repeat(16)]) {
        for (const path of ['older', `new-${mode}-${uploadId}`]) {
          const stored = await write(storage, path, { mode, uploadId });
          assert.equal(stored.mode, mode);
          assert.deepEqual(await storage.stat(at(path)), stored);
        }
      }
      const whole = await storage.writeFile?.(at('older'), pieces, { overwrite: true, mode });
      if (whole) assert.equal(whole.mode, mode);
    }
  },
  async 'it keeps the permission bits of a file that is replaced without others'(storage) {
    if ((await put(storage, 'file', 'x')).mode === undefined) return;
    await storage.chmod(at('file'), 0o751);
    assert.equal((await write(storage, 'file', {})).mode, 0o751);
    const whole = await storage.writeFile?.(at('file'), pieces, { overwrite: true });
    if (whole) assert.equal(whole.mode, 0o751);
    const appending = await storage.append?.(at('file'), { overwrite: true, mode: 0o600 });
    await appending?.write(pieces);
    if (appending) assert.equal((await appending.commit()).mode, 0o751);
    assert.equal((await storage.copy(at('file'), at('copy'), { overwrite: false })).mode, 0o751);
  },
  async 'it sets nothing but permission bits, and none of what is not there, or of the root'(storage) {
    const older = await put(storage, 'file', 'x');
    if (older.mode === undefined) return;
    for (const mode of [0o1000, 0o4755, -1, 0.5, NaN]) {
      await failsWith('EINVAL', storage.chmod(at('file'), mode));
      await failsWith('EINVAL', storage.write(at('file'), { overwrite: true, mode }));
    }
    await failsWith('ENOENT', storage.chmod(at('missing'), 0o644));
    await failsWith('ENOENT', storage.chmod(at('missing/file'), 0o644));
    await failsWith('ENOTDIR', storage.chmod(at('file/inner'), 0o644));
    await failsWith('EACCES', storage.chmod(REMOTE_ROOT, 0o755));
    assert.deepEqual(await storage.stat(at('file')), older);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['file']);
  },
};

async function write(
  storage: StorageWithModes,
  path: string,
  options: Partial<StorageWriteOptions>,
): Promise<FileEntry> {
  const pending = await storage.write(at(path), { overwrite: true, ...options });
  await pending.write(pieces);
  return pending.commit();
}
