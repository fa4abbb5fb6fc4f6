/** The part of the storage contract about appends, for storages that have them. */
import assert from 'node:assert/strict';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { PendingFile, Storage } from '../../../storage/storage.js';
import type { StorageCases } from '../storage-case.js';
import { at, bytesAt, failsWith, pathsIn, put, textAt, type WritableStorage } from '../storage-fixture.js';

/** A storage that can continue a file. */
export type AppendableStorage = WritableStorage & Required<Pick<Storage, 'append'>>;

const append = { overwrite: true };

export const appendingCases: StorageCases<AppendableStorage> = {
  async 'an append adds bytes to the end of a file, which readers see from the commit on'(storage) {
    const older = await put(storage, 'log', 'one ');
    const pending = await begun(storage, 'two');
    assert.deepEqual(await storage.stat(at('log')), older);
    assert.equal(await textAt(storage, 'log'), 'one ');
    await pending.write([Buffer.from(' '), Buffer.from('three')]);
    const entry = await pending.commit();
    assert.equal(await textAt(storage, 'log'), 'one two three');
    assert.deepEqual(await storage.stat(at('log')), entry);
    assert.equal(entry.size, 13);
    assert.notEqual(entry.etag, older.etag);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['log']);
  },
  async 'an append continues a large file, an empty one, and by nothing'(storage) {
    const large = Buffer.alloc(700_001, 'large ');
    await put(storage, 'log', large);
    await (await begun(storage, 'end')).commit();
    assert.deepEqual(await bytesAt(storage, 'log'), Buffer.concat([large, Buffer.from('end')]));
    await put(storage, 'log', '');
    await (await begun(storage, 'first')).commit();
    await (await storage.append(at('log'), append)).commit();
    assert.equal(await textAt(storage, 'log'), 'first');
  },
  async 'an append that can be read begins with the bytes of the file'(storage) {
    await put(storage, 'log', 'one ');
    const pending = await begun(storage, 'two');
    await pending.write([Buffer.from(' '), Buffer.from('three')]);
    if (pending.read) {
      assert.equal(await pendingText(pending, 0), 'one two three');
      assert.equal(await pendingText(pending, 6), 'o three');
    }
    await pending.discard();
  },
  async 'an append that is discarded changes nothing'(storage) {
    const older = await put(storage, 'log', 'one');
    const pending = await begun(storage, 'two');
    await pending.discard();
    await assert.rejects(pending.commit());
    assert.deepEqual(await storage.stat(at('log')), older);
    assert.equal(await textAt(storage, 'log'), 'one');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['log']);
  },
  async 'of two appends that overlap, one is stored and the other fails with ESTALE'(storage) {
    await put(storage, 'log', 'one ');
    const [first, second] = [await begun(storage, 'first'), await begun(storage, 'second')];
    await second.commit();
    await failsWith('ESTALE', first.commit());
    assert.equal(await textAt(storage, 'log'), 'one second');
  },
  async 'an append fails with ESTALE where the file has changed or is gone'(storage) {
    const { etag } = await put(storage, 'log', 'one');
    const [replaced, removed] = [await begun(storage, 'x'), await begun(storage, 'x')];
    await put(storage, 'log', 'two');
    await failsWith('ESTALE', storage.append(at('log'), { ...append, ifMatch: etag }));
    await failsWith('ESTALE', replaced.commit());
    assert.equal(await textAt(storage, 'log'), 'two');
    await storage.remove(at('log'), { recursive: false });
    await failsWith('ESTALE', removed.commit());
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), []);
  },
  async 'an append continues the version that ifMatch names, and takes a time and a wish to flush'(storage) {
    const { etag } = await put(storage, 'log', 'one ');
    for (const flush of [true, false]) {
      const mtime = new Date(1_600_000_000_000);
      const ifMatch = (await storage.stat(at('log'))).etag ?? etag;
      const pending = await storage.append(at('log'), { ...append, ifMatch, mtime, flush });
      await pending.write([Buffer.from('more ')]);
      assert.deepEqual((await pending.commit()).mtime, mtime);
    }
    assert.equal(await textAt(storage, 'log'), 'one more more ');
  },
  async 'an append needs a file'(storage) {
    await storage.mkdir(at('folder'), { recursive: false });
    await put(storage, 'file', 'x');
    await failsWith('ENOENT', storage.append(at('missing'), append));
    await failsWith('ENOENT', storage.append(at('missing/log'), append));
    await failsWith('ENOTDIR', storage.append(at('file/log'), append));
    await failsWith('EISDIR', storage.append(at('folder'), append));
    await failsWith('EISDIR', storage.append(REMOTE_ROOT, append));
    await failsWith('EINVAL', storage.append(at('file'), { ...append, mtime: new Date(NaN) }));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['file', 'folder']);
  },
};

/** Reads in small pieces, which meet the borders between the file and what was written. */
async function pendingText(pending: PendingFile, from: number): Promise<string> {
  const pieces: Buffer[] = [];
  for (let position = from; ;) {
    const target = Buffer.alloc(3);
    const count = (await pending.read?.(target, position)) ?? 0;
    if (count === 0) return Buffer.concat(pieces).toString();
    position += count;
    pieces.push(target.subarray(0, count));
  }
}

async function begun(storage: AppendableStorage, content: string): Promise<PendingFile> {
  const pending = await storage.append(at('log'), append);
  await pending.write([Buffer.from(content)]);
  return pending;
}
