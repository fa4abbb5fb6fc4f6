/** Contract of concurrent operations of a storage. */
import assert from 'node:assert/strict';
import { REMOTE_ROOT } from '../../../protocol/remote-path.js';
import type { StorageCases } from '../storage-case.js';
import {
  at,
  bytesAt,
  codesOf,
  pathsIn,
  put,
  putWith,
  textAt,
  type WritableStorage,
} from '../storage-fixture.js';

export const concurrencyCases: StorageCases<WritableStorage> = {
  async 'it commits one of 20 concurrent writes without overwrite, and leaves nothing of the others'(
    storage,
  ) {
    const contents = Array.from({ length: 20 }, (_, index) => `writer ${index}`);
    const pending = await Promise.all(
      contents.map(async (content) => {
        const file = await storage.write(at('file'), { overwrite: false });
        await file.write([Buffer.from(content)]);
        return file;
      }),
    );
    const outcomes = await Promise.allSettled(pending.map((file) => file.commit()));
    assert.deepEqual(
      codesOf(outcomes),
      Array.from({ length: 19 }, () => 'EEXIST'),
    );
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    assert.equal(await textAt(storage, 'file'), contents[winner]);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT, true), ['file']);
  },
  async 'it commits one of 20 concurrent writes with the same ifMatch'(storage) {
    const { etag } = await put(storage, 'file', 'older');
    const writers = Array.from({ length: 20 }, (_, index) =>
      putWith(storage, 'file', { content: `writer ${index}`, ifMatch: etag }),
    );
    const outcomes = await Promise.allSettled(writers);
    assert.deepEqual(
      codesOf(outcomes),
      Array.from({ length: 19 }, () => 'ESTALE'),
    );
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    assert.equal(await textAt(storage, 'file'), `writer ${winner}`);
  },
  async 'it performs one of several concurrent renames to the same path, and loses no file'(storage) {
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await put(storage, name, name);
    const outcomes = await Promise.allSettled(
      names.map((name) => storage.rename(at(name), at('target'), { overwrite: false })),
    );
    assert.deepEqual(codesOf(outcomes), ['EEXIST', 'EEXIST', 'EEXIST']);
    const moved = names.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    assert.equal(await textAt(storage, 'target'), moved[0]);
    const left = names.filter((name) => !moved.includes(name));
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), [...left, 'target']);
  },
  async 'it shows only complete versions to readers while a writer replaces the file'(storage) {
    const versions = Array.from({ length: 25 }, (_, index) => Buffer.alloc(80_000 + index, index));
    await put(storage, 'file', versions[0] ?? '');
    let isWriting = true;
    const write = async (): Promise<void> => {
      for (const version of versions) await put(storage, 'file', version);
      isWriting = false;
    };
    const read = async (): Promise<void> => {
      while (isWriting) assertWhole(await bytesAt(storage, 'file'), versions);
    };
    await Promise.all([write(), read(), read(), read()]);
    assertWhole(await bytesAt(storage, 'file'), versions.slice(-1));
  },
  async 'it lists a tree while other files in it are created and removed'(storage) {
    await storage.mkdir(at('stays/inner'), { recursive: true });
    await put(storage, 'stays/inner/file', 'x');
    let isChanging = true;
    const change = async (): Promise<void> => {
      for (let round = 0; round < 15; round++) {
        await storage.mkdir(at('comes/and/goes'), { recursive: true });
        await put(storage, 'comes/and/goes/file', 'x');
        await storage.remove(at('comes'), { recursive: true });
      }
      isChanging = false;
    };
    const list = async (): Promise<void> => {
      while (isChanging) {
        const paths = await pathsIn(storage, REMOTE_ROOT, true);
        assert.deepEqual(
          paths.filter((path) => path.startsWith('stays')),
          ['stays', 'stays/inner', 'stays/inner/file'],
        );
      }
    };
    await Promise.all([change(), list(), list()]);
    assert.deepEqual(await pathsIn(storage, REMOTE_ROOT), ['stays']);
  },
};

function assertWhole(content: Buffer, versions: readonly Buffer[]): void {
  assert.ok(
    versions.some((version) => version.equals(content)),
    'A reader saw bytes that were never one version.',
  );
}
