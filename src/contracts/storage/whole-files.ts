/** Contract of `readFile` and `writeFile`, for storages that have them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage, StorageWriteOptions } from '../../storage/storage.js';
import type { StorageCases } from './storage-case.js';
import {
  at,
  bytesAt,
  bytesOf,
  codesOf,
  failsWith,
  fixtureFiles,
  pathsIn,
  put,
  textAt,
  type WritableStorage,
} from './storage-fixture.js';

const replace = { overwrite: true };
const create = { overwrite: false };

export type WholeFileStorage = WritableStorage & Required<Pick<Storage, 'writeFile'>>;

export const wholeFileReadingCases: StorageCases<Storage> = {
  async 'it reads a whole file with the bytes of read and the entry of stat, or returns undefined'(storage) {
    for (const [path, text] of Object.entries(fixtureFiles)) {
      const file = await storage.readFile?.(at(path));
      if (!file) continue;
      assert.equal(Buffer.from(file.bytes).toString(), text);
      assert.deepEqual(file.entry, await storage.stat(at(path)));
      assert.ok(file.entry.etag);
    }
  },
  async 'it leaves the bytes of a whole file to the caller'(storage) {
    const file = await storage.readFile?.(at('hello.txt'));
    file?.bytes.fill(0);
    const again = await storage.readFile?.(at('hello.txt'));
    if (again) assert.equal(Buffer.from(again.bytes).toString(), fixtureFiles['hello.txt']);
    assert.equal(await textAt(storage, 'hello.txt'), fixtureFiles['hello.txt']);
  },
  async 'it rejects reading a whole file as read does'(storage) {
    await refuses('ENOENT', storage, at('missing'));
    await refuses('ENOENT', storage, at('missing/inner'));
    await refuses('ENOTDIR', storage, at('hello.txt/inner'));
    await refuses('EISDIR', storage, at('folder'));
    await refuses('EISDIR', storage, REMOTE_ROOT);
  },
};

export const wholeFileWritingCases: StorageCases<WholeFileStorage> = {
  async 'it stores a whole file in one call, and returns the entry of stat'(storage) {
    const entry = await storage.writeFile(at('a.txt'), [Buffer.from('con'), Buffer.from('tent')], create);
    assert.deepEqual([entry.path, entry.kind, entry.size], ['a.txt', 'file', 7]);
    assert.ok(entry.etag);
    assert.deepEqual(await storage.stat(at('a.txt')), entry);
    assert.equal(await textAt(storage, 'a.txt'), 'content');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['a.txt']);
  },
  async 'it stores a whole file from pieces of any number and size'(storage) {
    const large = randomBytes(1024 * 1024 + 17);
    const many = Array.from({ length: 2_000 }, (_, index) => Buffer.from(`${index % 10}`));
    for (const pieces of [[], [Buffer.alloc(0)], many, [large.subarray(0, 9), large.subarray(9)]]) {
      const entry = await storage.writeFile(at('file'), pieces, replace);
      const expected = Buffer.concat(pieces);
      assert.equal(entry.size, expected.length);
      assert.ok(expected.equals(await bytesAt(storage, 'file')));
    }
  },
  async 'it neither changes the pieces of a whole file nor uses them after the call'(storage) {
    const piece = Buffer.from('content');
    await storage.writeFile(at('file'), [piece], replace);
    assert.equal(piece.toString(), 'content');
    piece.fill(0);
    assert.equal(await textAt(storage, 'file'), 'content');
  },
  async 'it replaces a file by a whole one with another etag, and an open file stays readable'(storage) {
    const first = await put(storage, 'file', 'a long content');
    const file = await storage.read(at('file'));
    const second = await storage.writeFile(at('file'), [Buffer.from('short')], {
      ...replace,
      ifMatch: first.etag,
    });
    const third = await storage.writeFile(at('file'), [Buffer.from('short')], replace);
    assert.equal((await bytesOf(file)).toString(), 'a long content');
    await file.close();
    assert.equal(new Set([first.etag, second.etag, third.etag]).size, 3);
    assert.equal(await textAt(storage, 'file'), 'short');
  },
  async 'it sets mtime of a whole file'(storage) {
    const mtime = new Date('2001-02-03T04:05:06.000Z');
    const entry = await storage.writeFile(at('old'), [Buffer.from('x')], { ...replace, mtime });
    assert.deepEqual(entry.mtime, mtime);
    assert.deepEqual(await storage.stat(at('old')), entry);
  },
  async 'it rejects a whole file whose conditions do not hold, and changes nothing'(storage) {
    const older = await put(storage, 'file', 'older');
    await storage.mkdir(at('folder'), { recursive: false });
    const refuse = (code: string, path: string, options: object): Promise<void> =>
      failsWith(code, written(storage, path, { ...replace, ...options }));
    await refuse('EEXIST', 'file', create);
    await refuse('ESTALE', 'file', { ifMatch: 'another' });
    await refuse('ESTALE', 'none', { ifMatch: 'any' });
    await refuse('EINVAL', 'none', { mtime: new Date(NaN) });
    await refuse('ENOENT', 'missing/file', {});
    await refuse('ENOTDIR', 'file/inner', {});
    await refuse('EISDIR', 'folder', {});
    await failsWith('EISDIR', written(storage, REMOTE_ROOT, replace));
    assert.deepEqual(await storage.stat(at('file')), older);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['file', 'folder']);
  },
  async 'it stores one of 20 concurrent whole files without overwrite, or with the same ifMatch'(storage) {
    const { etag } = await put(storage, 'seen', 'older');
    const all = Array.from({ length: 20 }, (_, index) => [Buffer.from(`writer ${index}`)]);
    for (const [path, options, code] of [
      ['new', create, 'EEXIST'],
      ['seen', { ...replace, ifMatch: etag }, 'ESTALE'],
    ] as const) {
      const outcomes = await Promise.allSettled(
        all.map(async (pieces) => storage.writeFile(at(path), pieces, options)),
      );
      assert.deepEqual(codesOf(outcomes), Array<string>(19).fill(code));
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      assert.equal(await textAt(storage, path), `writer ${winner}`);
    }
  },
};

/** Stores a file; rejects also if the storage throws. */
async function written(
  storage: WholeFileStorage,
  path: string,
  options: StorageWriteOptions,
): Promise<FileEntry> {
  return storage.writeFile(path === '' ? REMOTE_ROOT : at(path), [Buffer.from('x')], options);
}

/** Asserts that a call of `readFile` returns undefined, or fails with this code. */
async function refuses(code: string, storage: Storage, path: RemotePath): Promise<void> {
  try {
    assert.equal(await storage.readFile?.(path), undefined);
  } catch (error) {
    assert.equal(TransferError.from(error).code, code);
  }
}
