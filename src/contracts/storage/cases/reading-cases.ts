/** Contract of the reading methods of a storage, tested with the fixture. */
import assert from 'node:assert/strict';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { Storage } from '../../../storage/storage.js';
import type { StorageCases } from '../storage-case.js';
import {
  at,
  bytesOf,
  failsWith,
  fixtureDirectories,
  fixtureFiles,
  pathsIn,
  textAt,
} from '../storage-fixture.js';

const inRoot = ['Grüße, 世界 🌍.txt', 'empty folder', 'folder', 'hello.txt', 'nothing'];

export const readingCases: StorageCases<Storage> = {
  async 'it returns path, kind, size, mtime and etag of a file'(storage) {
    const { path, kind, size, mtime, etag } = await storage.stat(at('folder/inner/two'));
    assert.deepEqual({ path, kind, size }, { path: 'folder/inner/two', kind: 'file', size: 2 });
    assert.ok(mtime instanceof Date && Math.abs(Date.now() - mtime.getTime()) < 3_600_000);
    assert.ok(etag !== undefined && etag.length > 0);
  },
  async 'it returns path, kind and mtime of a directory and of the root'(storage) {
    for (const directory of [REMOTE_ROOT, at('folder'), at('folder/inner')]) {
      const { path, kind, size, mtime, etag } = await storage.stat(directory);
      assert.deepEqual([path, kind, size, etag], [directory, 'directory', 0, undefined]);
      assert.ok(mtime instanceof Date);
    }
  },
  async 'it rejects a missing path with ENOENT, and a path below a file with ENOTDIR'(storage) {
    for (const path of ['missing', 'folder/missing', 'missing/inner']) {
      await failsWith('ENOENT', storage.stat(at(path)));
      await failsWith('ENOENT', storage.read(at(path)));
      await failsWith('ENOENT', pathsIn(storage, at(path)));
    }
    await failsWith('ENOTDIR', storage.stat(at('hello.txt/inner')));
    await failsWith('ENOTDIR', storage.read(at('hello.txt/inner/deeper')));
  },
  async 'it rejects reading a directory with EISDIR, and listing a file with ENOTDIR'(storage) {
    await failsWith('EISDIR', storage.read(at('folder')));
    await failsWith('EISDIR', storage.read(REMOTE_ROOT));
    await failsWith('ENOTDIR', pathsIn(storage, at('hello.txt')));
    await failsWith('ENOTDIR', pathsIn(storage, at('folder/one'), true));
  },
  async 'it reads every file completely, including an empty one and one with a Unicode name'(storage) {
    for (const [path, text] of Object.entries(fixtureFiles)) assert.equal(await textAt(storage, path), text);
  },
  async 'it reads from any position, and returns 0 bytes only at the end'(storage) {
    const file = await storage.read(at('hello.txt'));
    const target = Buffer.alloc(100);
    assert.equal(await file.read(target, 7), 8);
    assert.equal(target.toString('latin1', 0, 8), 'reader!\n');
    assert.equal(await file.read(target.subarray(0, 5), 0), 5);
    assert.equal(target.toString('latin1', 0, 5), 'Hello');
    assert.equal(await file.read(target, 15), 0);
    assert.equal(await file.read(target, 1_000_000), 0);
    await file.close();
  },
  async 'it gives an open file the entry that stat returns, and a stable etag'(storage) {
    const file = await storage.read(at('folder/one'));
    assert.deepEqual(file.entry, await storage.stat(at('folder/one')));
    assert.equal(await file.etag(), file.entry.etag);
    await file.close();
  },
  async 'it reads a file concurrently'(storage) {
    const files = await Promise.all(Array.from({ length: 20 }, () => storage.read(at('hello.txt'))));
    const contents = await Promise.all(files.map(bytesOf));
    for (const content of contents) assert.equal(content.toString(), fixtureFiles['hello.txt']);
    await Promise.all(files.map((file) => file.close()));
  },
  async 'it lists exactly the content of a directory'(storage) {
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), inRoot);
    assert.deepEqual(await pathsIn(storage, at('folder')), ['folder/inner', 'folder/one']);
    assert.deepEqual(await pathsIn(storage, at('empty folder')), []);
    assert.deepEqual(await pathsIn(storage, at('empty folder'), true), []);
  },
  async 'it lists a tree, each directory before its content, with the entries of stat'(storage) {
    const entries: FileEntry[] = [];
    for await (const entry of storage.list(REMOTE_ROOT, { recursive: true })) entries.push(entry);
    const paths = entries.map(({ path }) => path as string);
    assert.deepEqual(paths.toSorted(), [...fixtureDirectories, ...Object.keys(fixtureFiles)].sort());
    assert.ok(paths.indexOf('folder') < paths.indexOf('folder/inner'));
    assert.ok(paths.indexOf('folder/inner') < paths.indexOf('folder/inner/two'));
    for (const entry of entries) assert.deepEqual(entry, await storage.stat(entry.path));
  },
  async 'it allows a listing to end early and to start again'(storage) {
    for await (const entry of storage.list(REMOTE_ROOT, { recursive: true })) {
      assert.ok(entry.path);
      break;
    }
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), inRoot);
  },
};
