/** Contract of `resume`, `suspend`, `PendingFile.read` and `uploadStatus`, for storages that have them. */
import assert from 'node:assert/strict';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { PendingFile, Storage, ResumeResult, StorageWriteOptions } from '../../../storage/storage.js';
import type { StorageCases } from '../storage-case.js';
import { at, failsWith, pathsIn, put, textAt, type WritableStorage } from '../storage-fixture.js';

export type ResumableStorage = WritableStorage & Required<Pick<Storage, 'resume'>>;

export type AskableStorage = ResumableStorage & Required<Pick<Storage, 'uploadStatus'>>;

const uploadId = '0123456789abcdef0123456789abcdef';
const replace = { overwrite: true, uploadId };
const create = { overwrite: false, uploadId };

export const resumingCases: StorageCases<ResumableStorage> = {
  async 'it resumes a suspended upload, and shows nothing of it before the commit'(storage) {
    await suspended(storage, 'file', 'one ');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), []);
    const { pending, bytes } = await pendingOf(storage, 'file');
    assert.equal(bytes, 4);
    await pending.write([Buffer.from('two')]);
    assert.deepEqual(await storage.stat(at('file')).catch(() => undefined), undefined);
    const entry = await pending.commit();
    assert.deepEqual(await storage.stat(at('file')), entry);
    assert.equal(await textAt(storage, 'file'), 'one two');
  },
  async 'it suspends an upload several times, and replaces the existing version only at the commit'(storage) {
    await put(storage, 'file', 'older');
    await suspended(storage, 'file', '0');
    for (const digit of ['1', '2', '3']) {
      const { pending } = await pendingOf(storage, 'file');
      await pending.write([Buffer.from(digit)]);
      await suspend(pending);
    }
    assert.equal(await textAt(storage, 'file'), 'older');
    await (await pendingOf(storage, 'file')).pending.commit();
    assert.equal(await textAt(storage, 'file'), '0123');
  },
  async 'it reads the written bytes of a resumed upload, and appends to them'(storage) {
    await suspended(storage, 'file', 'what was written');
    const { pending } = await pendingOf(storage, 'file');
    const target = Buffer.alloc(5);
    assert.ok(pending.read, 'A pending file of a storage with resume() must have read().');
    assert.equal(await pending.read(target, 5), 5);
    assert.equal(target.toString(), 'was w');
    assert.equal(await pending.read(target, 16), 0);
    await pending.write([Buffer.from('!')]);
    await pending.commit();
    assert.equal(await textAt(storage, 'file'), 'what was written!');
  },
  async 'it returns undefined for an unknown id, another path, or an upload that has ended'(storage) {
    assert.equal(await storage.resume(at('file'), replace), undefined);
    await suspended(storage, 'file', 'x');
    assert.equal(await storage.resume(at('other'), replace), undefined);
    assert.equal(await storage.resume(at('file'), { ...replace, uploadId: 'another' }), undefined);
    await (await pendingOf(storage, 'file')).pending.discard();
    assert.equal(await storage.resume(at('file'), replace), undefined);
    await (await begun(storage, 'file', { overwrite: true, content: 'without an id' })).suspend?.();
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), []);
  },
  async 'it rejects a second writer with the same id with EBUSY'(storage) {
    const first = await begun(storage, 'file', { ...replace, content: 'x' });
    await failsWith('EBUSY', storage.resume(at('file'), replace));
    await failsWith('EBUSY', storage.write(at('file'), replace));
    await suspend(first);
    const { pending } = await pendingOf(storage, 'file');
    await suspend(first);
    await first.discard();
    await assert.rejects(first.write([Buffer.from('y')]));
    await failsWith('EBUSY', storage.resume(at('file'), replace));
    await pending.commit();
    assert.equal(await textAt(storage, 'file'), 'x');
  },
  async 'it discards an earlier upload with the same id and path'(storage) {
    await suspended(storage, 'file', 'a long beginning');
    await suspended(storage, 'file', 'short');
    const { pending, bytes } = await pendingOf(storage, 'file');
    assert.equal(bytes, 5);
    await pending.commit('crc32:0');
    await suspended(storage, 'file', 'more');
    const again = await pendingOf(storage, 'file');
    assert.equal(again.bytes, 4);
    await again.pending.discard();
    assert.equal(await storage.resume(at('file'), replace), undefined);
    await (await begun(storage, 'file', { ...replace, content: 'x' })).commit('crc32:0');
    await (await begun(storage, 'file', { ...replace, content: 'y' })).discard();
    assert.equal(await storage.resume(at('file'), replace), undefined);
  },
  async 'it reports a committed upload with its commit token and entry'(storage) {
    for (const options of [replace, create]) {
      const path = options.overwrite ? 'replaced' : 'created';
      const pending = await begun(storage, path, { ...options, content: 'content' });
      const entry = await pending.commit('crc32:0');
      const found = await storage.resume(at(path), options);
      assert.deepEqual(found, { kind: 'committed', entry, commitToken: 'crc32:0' });
      assert.deepEqual(await storage.stat(at(path)), entry);
    }
  },
  async 'it reports a committed upload, without an etag, whose file was removed, replaced or renamed'(
    storage,
  ) {
    for (const change of ['remove', 'replace', 'rename'] as const) {
      await (await begun(storage, 'file', { ...replace, content: 'content' })).commit('crc32:0');
      if (change === 'remove') await storage.remove(at('file'), { recursive: false });
      else if (change === 'replace') await put(storage, 'file', 'another');
      else await storage.rename(at('file'), at('moved'), { overwrite: true });
      const found = await storage.resume(at('file'), replace);
      assert.ok(found?.kind === 'committed');
      const { path, size, etag } = found.entry;
      assert.deepEqual([path, size, etag, found.commitToken], ['file', 7, undefined, 'crc32:0']);
    }
  },
  async 'it rejects resuming an upload that the commit would reject, and discards it'(storage) {
    await suspended(storage, 'file', 'x');
    await put(storage, 'file', 'of another client');
    await failsWith('EEXIST', storage.resume(at('file'), create));
    assert.equal(await storage.resume(at('file'), create), undefined);
    await suspended(storage, 'file', 'x');
    await failsWith('ESTALE', storage.resume(at('file'), { ...replace, ifMatch: 'another' }));
    assert.equal(await storage.resume(at('file'), replace), undefined);
    assert.equal(await textAt(storage, 'file'), 'of another client');
  },
};

/** Cases of storages that have `uploadStatus`, too. */
export const uploadStatusCases: StorageCases<AskableStorage> = {
  async 'it tells how far a suspended upload came, however often, and leaves it resumable'(storage) {
    await put(storage, 'file', 'older');
    await suspended(storage, 'file', 'one ');
    const first = await storage.uploadStatus(at('file'), uploadId);
    assert.ok(first?.kind === 'suspended');
    assert.equal(first.bytes, 4);
    for (let asked = 0; asked < 100; asked++) {
      const again = await storage.uploadStatus(at('file'), uploadId);
      assert.ok(again?.kind === 'suspended');
      assert.equal(again.bytes, 4);
      assert.ok(
        (again.expiresInMs ?? 0) <= (first.expiresInMs ?? 0),
        'A question must not prolong the upload.',
      );
    }
    assert.equal(await textAt(storage, 'file'), 'older');
    const { pending, bytes } = await pendingOf(storage, 'file');
    assert.equal(bytes, 4);
    await pending.write([Buffer.from('two')]);
    await pending.commit();
    assert.equal(await textAt(storage, 'file'), 'one two');
  },
  async 'it tells of an upload that is written at the time, and does not disturb it'(storage) {
    const pending = await begun(storage, 'file', { ...replace, content: 'one ' });
    assert.equal((await storage.uploadStatus(at('file'), uploadId))?.kind, 'suspended');
    await pending.write([Buffer.from('two')]);
    assert.equal((await storage.uploadStatus(at('file'), uploadId))?.kind, 'suspended');
    await pending.commit();
    assert.equal(await textAt(storage, 'file'), 'one two');
  },
  async 'it tells of a committed upload like resume, also if the file was removed or replaced'(storage) {
    const pending = await begun(storage, 'file', { ...replace, content: 'content' });
    const entry = await pending.commit('crc32:0');
    const committed = { kind: 'committed', entry, commitToken: 'crc32:0' };
    assert.deepEqual(await storage.uploadStatus(at('file'), uploadId), committed);
    await put(storage, 'file', 'another');
    const replaced = await storage.uploadStatus(at('file'), uploadId);
    assert.deepEqual(replaced, await storage.resume(at('file'), replace));
    await storage.remove(at('file'), { recursive: false });
    const removed = await storage.uploadStatus(at('file'), uploadId);
    assert.deepEqual(removed, await storage.resume(at('file'), replace));
    assert.ok(removed?.kind === 'committed');
    assert.equal(removed.entry.etag, undefined);
  },
  async 'it knows nothing of another id, another path, a missing directory, or an upload that has ended'(
    storage,
  ) {
    assert.equal(await storage.uploadStatus(at('file'), uploadId), undefined);
    await suspended(storage, 'file', 'x');
    assert.equal(await storage.uploadStatus(at('other'), uploadId), undefined);
    assert.equal(await storage.uploadStatus(at('missing/file'), uploadId), undefined);
    assert.equal(await storage.uploadStatus(at('file'), 'another'), undefined);
    await (await pendingOf(storage, 'file')).pending.discard();
    assert.equal(await storage.uploadStatus(at('file'), uploadId), undefined);
  },
};

async function begun(
  storage: WritableStorage,
  path: string,
  { content, ...options }: StorageWriteOptions & { content: string },
): Promise<PendingFile> {
  const pending = await storage.write(at(path), options);
  await pending.write([Buffer.from(content)]);
  return pending;
}

async function suspended(storage: WritableStorage, path: string, content: string): Promise<void> {
  await suspend(await begun(storage, path, { ...replace, content }));
}

async function suspend(pending: PendingFile): Promise<void> {
  assert.ok(pending.suspend, 'A pending file of a storage with resume() must have suspend().');
  await pending.suspend();
}

async function pendingOf(
  storage: ResumableStorage,
  path: string,
): Promise<ResumeResult & { kind: 'pending' }> {
  const found = await storage.resume(at(path), replace);
  assert.ok(found?.kind === 'pending', `resume() must return a pending upload, got ${found?.kind}.`);
  return found;
}
