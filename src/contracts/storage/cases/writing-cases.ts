/** Contract of `write`: a new version appears completely or not at all. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { StorageCases } from '../storage-case.js';
import {
  at,
  bytesAt,
  bytesOf,
  failsWith,
  pathsIn,
  put,
  putWith,
  textAt,
  type WritableStorage,
} from '../storage-fixture.js';

const replace = { overwrite: true };
const create = { overwrite: false };

export const writingCases: StorageCases<WritableStorage> = {
  async 'it stores a file, and commit returns the entry of stat'(storage) {
    const entry = await put(storage, 'a.txt', 'content');
    assert.deepEqual([entry.path, entry.kind, entry.size], ['a.txt', 'file', 7]);
    assert.deepEqual(await storage.stat(at('a.txt')), entry);
    assert.equal(await textAt(storage, 'a.txt'), 'content');
  },
  async 'it accepts flush true and false, and stores the same'(storage) {
    for (const flush of [true, false]) {
      await putWith(storage, 'file', { content: `flush: ${flush}`, flush });
      assert.equal(await textAt(storage, 'file'), `flush: ${flush}`);
    }
  },
  async 'it shows nothing of a new file before the commit'(storage) {
    const pending = await storage.write(at('new'), replace);
    await pending.write([Buffer.from('half')]);
    await failsWith('ENOENT', storage.stat(at('new')));
    await failsWith('ENOENT', storage.read(at('new')));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), []);
    await pending.commit();
    assert.equal(await textAt(storage, 'new'), 'half');
  },
  async 'it keeps the existing version until the commit, and after a discard'(storage) {
    const older = await put(storage, 'file', 'older');
    const pending = await storage.write(at('file'), replace);
    await pending.write([Buffer.from('newer, and longer')]);
    assert.deepEqual(await storage.stat(at('file')), older);
    await pending.discard();
    assert.deepEqual(await storage.stat(at('file')), older);
    assert.equal(await textAt(storage, 'file'), 'older');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['file']);
  },
  async 'it leaves nothing of a discarded version, and allows a second discard'(storage) {
    const pending = await storage.write(at('gone'), create);
    await pending.write([Buffer.from('x')]);
    await pending.discard();
    await pending.discard();
    await failsWith('ENOENT', storage.stat(at('gone')));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), []);
  },
  async 'it writes pieces of any size in order, and does not use them after the call'(storage) {
    const pending = await storage.write(at('pieces'), replace);
    const piece = Buffer.from('one');
    await pending.write([piece, Buffer.alloc(0), Buffer.from(' two')]);
    piece.fill(0);
    await pending.write([]);
    await pending.write([Buffer.alloc(0)]);
    await pending.write(Array.from({ length: 2_000 }, () => Buffer.from('.')));
    await pending.commit();
    assert.equal(await textAt(storage, 'pieces'), `one two${'.'.repeat(2_000)}`);
  },
  async 'it stores an empty file without any write'(storage) {
    const entry = await (await storage.write(at('empty'), create)).commit();
    assert.equal(entry.size, 0);
    assert.equal(await textAt(storage, 'empty'), '');
  },
  async 'it stores a file of several MiB byte for byte'(storage) {
    const content = randomBytes(5 * 1024 * 1024 + 17);
    const pending = await storage.write(at('large'), replace);
    for (let from = 0; from < content.length; from += 100_003) {
      await pending.write([content.subarray(from, from + 9), content.subarray(from + 9, from + 100_003)]);
    }
    assert.equal((await pending.commit()).size, content.length);
    assert.ok(content.equals(await bytesAt(storage, 'large')));
  },
  async 'it accepts Unicode names, special characters and names of 255 bytes'(storage) {
    const names = ['ひらがな', 'émigré', 'a b & c=d%20;', '🌍🌎', '-rf', '..a', 'x'.repeat(255)];
    for (const name of names) await put(storage, name, name);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), names.sort());
    for (const name of names) assert.equal(await textAt(storage, name), name);
  },
  async 'it replaces a longer file by a shorter one, and changes the etag even for equal bytes'(storage) {
    const first = await put(storage, 'file', 'a long content');
    const second = await put(storage, 'file', 'short');
    assert.equal(await textAt(storage, 'file'), 'short');
    const third = await put(storage, 'file', 'short');
    assert.equal(new Set([first.etag, second.etag, third.etag]).size, 3);
  },
  async 'it reads an open file to its end, unchanged, after a new version replaced it'(storage) {
    await put(storage, 'file', 'older');
    const file = await storage.read(at('file'));
    await put(storage, 'file', 'newer content');
    assert.equal((await bytesOf(file)).toString(), 'older');
    assert.equal(await file.etag(), file.entry.etag);
    await file.close();
  },
  async 'it sets mtime, and rejects an invalid date with EINVAL'(storage) {
    const mtime = new Date('2001-02-03T04:05:06.000Z');
    assert.deepEqual((await putWith(storage, 'old', { content: 'x', mtime })).mtime, mtime);
    assert.deepEqual((await storage.stat(at('old'))).mtime, mtime);
    await failsWith('EINVAL', storage.write(at('never'), { ...replace, mtime: new Date(NaN) }));
  },
  async 'it rejects a write that the commit would reject'(storage) {
    await put(storage, 'file', 'x');
    await storage.mkdir(at('folder'), { recursive: false });
    await failsWith('ENOENT', storage.write(at('missing/file'), replace));
    await failsWith('ENOTDIR', storage.write(at('file/inner'), replace));
    await failsWith('EISDIR', storage.write(at('folder'), replace));
    await failsWith('EISDIR', storage.write(REMOTE_ROOT, replace));
    await failsWith('EEXIST', storage.write(at('file'), create));
    await failsWith('ESTALE', storage.write(at('file'), { ...replace, ifMatch: 'another' }));
    await failsWith('ESTALE', storage.write(at('none'), { ...replace, ifMatch: 'any' }));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['file', 'folder']);
  },
  async 'it replaces only the version with the etag ifMatch'(storage) {
    const { etag } = await put(storage, 'file', 'one');
    const slow = await storage.write(at('file'), { ...replace, ifMatch: etag });
    await putWith(storage, 'file', { content: 'two', ifMatch: etag });
    await failsWith('ESTALE', slow.commit());
    assert.equal(await textAt(storage, 'file'), 'two');
  },
  async 'it rejects a commit whose conditions no longer hold, and leaves nothing of the version'(storage) {
    const pending = await storage.write(at('file'), create);
    const onDirectory = await storage.write(at('folder'), replace);
    await storage.mkdir(at('parent'), { recursive: false });
    const orphan = await storage.write(at('parent/file'), replace);
    await put(storage, 'file', 'first');
    await storage.mkdir(at('folder'), { recursive: false });
    await storage.remove(at('parent'), { recursive: false });
    await failsWith('EEXIST', pending.commit());
    await failsWith('EISDIR', onDirectory.commit());
    await failsWith('ENOENT', orphan.commit());
    assert.equal(await textAt(storage, 'file'), 'first');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['file', 'folder']);
  },
  async 'it rejects writes to a version that has ended'(storage) {
    const discarded = await storage.write(at('a'), replace);
    await discarded.discard();
    await assert.rejects(discarded.write([Buffer.from('x')]));
    await assert.rejects(discarded.commit());
    const committed = await storage.write(at('b'), replace);
    await committed.commit();
    await committed.discard();
    await assert.rejects(committed.write([Buffer.from('x')]));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['b']);
    assert.equal(await textAt(storage, 'b'), '');
  },
};
