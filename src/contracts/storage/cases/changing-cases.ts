/** Contract of `mkdir`, `remove`, `rename` and `copy`. */
import assert from 'node:assert/strict';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { StorageCases } from '../storage-case.js';
import { at, failsWith, pathsIn, put, textAt, type WritableStorage } from '../storage-fixture.js';

const one = { recursive: false };
const all = { recursive: true };
const keep = { overwrite: false };
const replace = { overwrite: true };

const making: StorageCases<WritableStorage> = {
  async 'it creates a directory'(storage) {
    await storage.mkdir(at('a'), one);
    await storage.mkdir(at('a/b'), one);
    assert.equal((await storage.stat(at('a/b'))).kind, 'directory');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['a', 'a/b']);
  },
  async 'it creates missing parents and accepts an existing directory if recursive'(storage) {
    await storage.mkdir(at('a/b/c'), all);
    await put(storage, 'a/b/c/file', 'x');
    await storage.mkdir(at('a/b/c'), all);
    await storage.mkdir(REMOTE_ROOT, all);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['a', 'a/b', 'a/b/c', 'a/b/c/file']);
  },
  async 'it rejects creating a directory at an existing path, below a file, or without a parent'(storage) {
    await put(storage, 'file', 'x');
    await storage.mkdir(at('folder'), one);
    await failsWith('EEXIST', storage.mkdir(at('folder'), one));
    await failsWith('EEXIST', storage.mkdir(at('file'), one));
    await failsWith('EEXIST', storage.mkdir(at('file'), all));
    await failsWith('EEXIST', storage.mkdir(REMOTE_ROOT, one));
    await failsWith('ENOENT', storage.mkdir(at('missing/inner'), one));
    await failsWith('ENOTDIR', storage.mkdir(at('file/inner'), one));
    await failsWith('ENOTDIR', storage.mkdir(at('file/inner/deeper'), all));
    assert.equal(await textAt(storage, 'file'), 'x');
  },
};

const removing: StorageCases<WritableStorage> = {
  async 'it removes a file and an empty directory'(storage) {
    await put(storage, 'file', 'x');
    await put(storage, 'other', 'x');
    await storage.mkdir(at('folder'), one);
    await storage.remove(at('file'), one);
    await storage.remove(at('folder'), one);
    await storage.remove(at('other'), all);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), []);
  },
  async 'it removes a directory with its content only if recursive, and nothing else'(storage) {
    await storage.mkdir(at('a/b/c'), all);
    await storage.mkdir(at('ab'), one);
    for (const path of ['a/1', 'a/b/2', 'a/b/c/3', 'ab/4']) await put(storage, path, 'x');
    await failsWith('ENOTEMPTY', storage.remove(at('a'), one));
    assert.equal((await pathsIn(storage, at('a'), true)).length, 5);
    await storage.remove(at('a'), all);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['ab', 'ab/4']);
  },
  async 'it rejects removing a missing path and the root'(storage) {
    await put(storage, 'file', 'x');
    await failsWith('ENOENT', storage.remove(at('missing'), one));
    await failsWith('ENOENT', storage.remove(at('missing/inner'), all));
    await failsWith('ENOTDIR', storage.remove(at('file/inner'), one));
    await failsWith('EACCES', storage.remove(REMOTE_ROOT, all));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['file']);
  },
};

const renaming: StorageCases<WritableStorage> = {
  async 'it renames a file, also into another directory'(storage) {
    await put(storage, 'a', 'content');
    await storage.mkdir(at('folder'), one);
    await storage.rename(at('a'), at('b'), keep);
    await storage.rename(at('b'), at('folder/c'), replace);
    assert.equal(await textAt(storage, 'folder/c'), 'content');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['folder', 'folder/c']);
  },
  async 'it renames a directory with its content'(storage) {
    await storage.mkdir(at('a/b'), all);
    await put(storage, 'a/b/file', 'x');
    await storage.rename(at('a'), at('z'), keep);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['z', 'z/b', 'z/b/file']);
  },
  async 'it replaces a file by a rename only with overwrite, and never a directory'(storage) {
    await put(storage, 'a', 'a');
    await put(storage, 'b', 'b');
    await storage.mkdir(at('folder'), one);
    await storage.mkdir(at('other'), one);
    await failsWith('EEXIST', storage.rename(at('a'), at('b'), keep));
    await failsWith('EEXIST', storage.rename(at('a'), at('folder'), keep));
    await failsWith('EEXIST', storage.rename(at('folder'), at('other'), keep));
    await failsWith('EEXIST', storage.rename(at('a'), at('a'), keep));
    await failsWith('EISDIR', storage.rename(at('a'), at('folder'), replace));
    await failsWith('EISDIR', storage.rename(at('folder'), at('other'), replace));
    await failsWith('ENOTDIR', storage.rename(at('folder'), at('a'), replace));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['a', 'b', 'folder', 'other']);
    await storage.rename(at('a'), at('b'), replace);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['b', 'folder', 'other']);
    assert.equal(await textAt(storage, 'b'), 'a');
    await storage.rename(at('b'), at('b'), replace);
    assert.equal(await textAt(storage, 'b'), 'a');
  },
  async 'it rejects renaming a missing path, into a missing directory, into itself, and the root'(storage) {
    await put(storage, 'file', 'x');
    await storage.mkdir(at('folder'), one);
    await failsWith('ENOENT', storage.rename(at('missing'), at('b'), replace));
    await failsWith('ENOENT', storage.rename(at('file'), at('missing/b'), replace));
    await failsWith('ENOTDIR', storage.rename(at('folder'), at('file/b'), replace));
    await failsWith('EINVAL', storage.rename(at('folder'), at('folder/inner'), keep));
    await failsWith('EACCES', storage.rename(REMOTE_ROOT, at('b'), keep));
    await failsWith('EACCES', storage.rename(at('file'), REMOTE_ROOT, replace));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['file', 'folder']);
  },
};

const copying: StorageCases<WritableStorage> = {
  async 'it makes a copy that is independent of the original'(storage) {
    const original = await put(storage, 'a', 'content');
    await storage.mkdir(at('folder'), one);
    const copy = await storage.copy(at('a'), at('folder/b'), keep);
    assert.deepEqual([copy.path, copy.kind, copy.size], ['folder/b', 'file', 7]);
    assert.deepEqual(await storage.stat(at('folder/b')), copy);
    assert.notEqual(copy.etag, original.etag);
    await put(storage, 'a', 'changed');
    assert.equal(await textAt(storage, 'folder/b'), 'content');
    await storage.remove(at('a'), one);
    assert.equal(await textAt(storage, 'folder/b'), 'content');
  },
  async 'it replaces a file by a copy only with overwrite, and copies no directory'(storage) {
    await put(storage, 'a', 'a');
    await put(storage, 'b', 'longer');
    await storage.mkdir(at('folder'), one);
    await failsWith('EEXIST', storage.copy(at('a'), at('b'), keep));
    await failsWith('EISDIR', storage.copy(at('folder'), at('c'), keep));
    await failsWith('EISDIR', storage.copy(REMOTE_ROOT, at('c'), keep));
    await failsWith('EISDIR', storage.copy(at('a'), at('folder'), replace));
    await failsWith('ENOENT', storage.copy(at('missing'), at('c'), keep));
    await failsWith('ENOENT', storage.copy(at('a'), at('missing/c'), keep));
    assert.equal(await textAt(storage, 'b'), 'longer');
    await storage.copy(at('a'), at('b'), replace);
    await storage.copy(at('a'), at('a'), replace);
    assert.equal(await textAt(storage, 'b'), 'a');
    assert.equal(await textAt(storage, 'a'), 'a');
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['a', 'b', 'folder']);
  },
};

export const changingCases = { ...making, ...removing, ...renaming, ...copying };
