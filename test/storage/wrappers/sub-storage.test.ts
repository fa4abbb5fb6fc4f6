/** A directory of a storage as a storage: the whole contract, and that nothing of the outside shows inside. */
import { describe, expect, it } from 'vitest';
import {
  fillStorageFixture,
  pathsIn,
  put,
  writingMethods,
} from '../../../src/contracts/storage/storage-fixture.js';
import { canWrite, type WritableStorage } from '../../../src/contracts/storage/storage-fixture.js';
import { storageContract } from '../../../src/contracts/storage/storage-contract.js';
import {
  DirectoryStorage,
  MemoryStorage,
  parseRemotePath,
  readOnly,
  REMOTE_ROOT,
  subStorage,
  TransferError,
  type Storage,
} from '../../../src/index.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

const HOME = 'homes/ann';
const at = parseRemotePath;

const storages: Record<string, () => Promise<WritableStorage>> = {
  'a directory': async () => new DirectoryStorage(await temporaryDirectory()),
  memory: async () => new MemoryStorage(),
};

/** A storage with a directory in it, and files beside that. */
async function homes(
  make: () => Promise<WritableStorage>,
): Promise<{ outer: WritableStorage; inner: Storage }> {
  const outer = await make();
  await outer.mkdir(at(HOME), { recursive: true });
  await put(outer, 'homes/other', 'not mine');
  await outer.mkdir(at('homes/ann and more'), { recursive: false });
  return { outer, inner: subStorage(outer, HOME) };
}

/** The code, the path and the message of what something fails with. */
async function failure(work: Promise<unknown>): Promise<TransferError> {
  const error: unknown = await work.then(
    () => new Error('It did not fail.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TransferError)) throw error;
  return error;
}

describe.each(Object.entries(storages))('a directory of %s', (_, make) => {
  const makeInner = async (): Promise<Storage> => {
    const { outer, inner } = await homes(make);
    return { ...inner, close: async () => outer.close?.() };
  };
  for (const { name, run } of storageContract(makeInner)) it(name, run);
});

describe.each(Object.entries(storages))('a directory of %s that is read-only', (_, make) => {
  const makeInner = async (): Promise<Storage> => {
    const outer = await make();
    await outer.mkdir(at(HOME), { recursive: true });
    await fillStorageFixture(subStorage(outer, HOME));
    return subStorage(readOnly(outer), HOME);
  };
  for (const { name, run } of storageContract(makeInner, { readOnly: true })) it(name, run);
});

describe.each(Object.entries(storages))('an operation in a directory of %s', (_, make) => {
  it('is visible outside below the directory, and nowhere else', async () => {
    const { outer, inner } = await homes(make);
    if (!canWrite(inner)) throw new Error('It cannot write.');
    await inner.mkdir(at('a'), { recursive: false });
    await put(inner, 'a/file', 'x');
    await inner.copy(at('a/file'), at('copy'), { overwrite: false });
    await inner.rename(at('copy'), at('a/moved'), { overwrite: false });
    expect(await pathsIn(outer, REMOTE_ROOT, true)).toEqual(
      ['', '/a', '/a/file', '/a/moved', ' and more']
        .map((end) => HOME + end)
        .concat('homes', 'homes/other')
        .sort(),
    );
    await inner.remove(at('a'), { recursive: true });
    expect(await pathsIn(outer, at(HOME), true)).toEqual([]);
  });

  it.each(['missing', 'missing/file'])('fails with paths as they are inside: %s', async (path) => {
    const { inner } = await homes(make);
    if (!canWrite(inner)) throw new Error('It cannot write.');
    await put(inner, 'file', 'x');
    const errors = [
      await failure(inner.stat(at(path))),
      await failure(inner.read(at(path))),
      await failure(pathsIn(inner, at(path))),
      await failure(inner.remove(at(path), { recursive: true })),
      await failure(inner.rename(at(path), at('to'), { overwrite: true })),
      await failure(inner.copy(at(path), at('to'), { overwrite: true })),
      await failure(inner.rename(at('file'), at('missing/to'), { overwrite: true })),
      await failure(inner.write(at('missing/to'), { overwrite: true })),
    ];
    for (const { message, stack, path: told } of errors) {
      expect(`${message}\n${told ?? ''}\n${stack ?? ''}`).not.toContain('homes/');
    }
    expect(errors.map(({ code }) => code)).toEqual(errors.map(() => 'ENOENT'));
    expect(errors[0]?.path ?? path).toBe(path);
  });

  it('never removes, renames or replaces the directory itself, nor writes a file in its place', async () => {
    const { outer, inner } = await homes(make);
    if (!canWrite(inner)) throw new Error('It cannot write.');
    await put(inner, 'file', 'x');
    const replace = { overwrite: true };
    const attempts = {
      remove: inner.remove(REMOTE_ROOT, { recursive: true }),
      renameAway: inner.rename(REMOTE_ROOT, at('b'), replace),
      renameOver: inner.rename(at('file'), REMOTE_ROOT, replace),
      write: inner.write(REMOTE_ROOT, replace),
      copyOver: inner.copy(at('file'), REMOTE_ROOT, replace),
      copyOf: inner.copy(REMOTE_ROOT, at('copy'), replace),
      read: inner.read(REMOTE_ROOT),
      mkdir: inner.mkdir(REMOTE_ROOT, { recursive: false }),
    };
    const codes = await Promise.all(
      Object.entries(attempts).map(async ([name, work]) => [name, (await failure(work)).code] as const),
    );
    expect(Object.fromEntries(codes)).toEqual({
      remove: 'EACCES',
      renameAway: 'EACCES',
      renameOver: 'EACCES',
      write: 'EISDIR',
      copyOver: 'EISDIR',
      copyOf: 'EISDIR',
      read: 'EISDIR',
      mkdir: 'EEXIST',
    });
    expect(await pathsIn(outer, at(HOME), true)).toEqual(['homes/ann/file']);
  });

  it('does not create the directory again after its removal', async () => {
    const { outer, inner } = await homes(make);
    await outer.remove(at('homes'), { recursive: true });
    const attempts = [
      () => inner.stat(REMOTE_ROOT),
      () => inner.write?.(at('file'), { overwrite: true }),
      () => inner.write?.(REMOTE_ROOT, { overwrite: true }),
      () => inner.mkdir?.(at('a/b'), { recursive: true }),
      () => pathsIn(inner, REMOTE_ROOT),
    ];
    const codes: string[] = [];
    for (const attempt of attempts) codes.push((await failure(Promise.resolve(attempt()))).code);
    expect(codes).toEqual(['EIO', 'EIO', 'EISDIR', 'EIO', 'EIO']);
    expect(await pathsIn(outer, REMOTE_ROOT)).toEqual([]);
  });

  it('fails when a file has replaced the directory', async () => {
    const { outer, inner } = await homes(make);
    await outer.remove(at(HOME), { recursive: true });
    await put(outer, HOME, 'a file');
    expect((await failure(inner.stat(REMOTE_ROOT))).code).toBe('EIO');
    expect((await failure(inner.read(REMOTE_ROOT))).code).toBe('EISDIR');
    expect((await failure(inner.read(at('file')))).code).toBe('EIO');
  });
});

describe('a directory of a storage', () => {
  it('has exactly the methods of the storage, and leaves the storage open on close', () => {
    const memory = new MemoryStorage();
    for (const method of writingMethods)
      expect(method in subStorage(readOnly(memory), 'a'), method).toBe(false);
    for (const method of writingMethods) {
      expect(method in subStorage(memory, 'a'), method).toBe((memory as Storage)[method] !== undefined);
    }
    expect('resume' in subStorage(new DirectoryStorage('.'), 'a')).toBe(true);
    expect('close' in subStorage(new DirectoryStorage('.'), 'a')).toBe(false);
  });

  it('may be the root', async () => {
    const outer = new MemoryStorage();
    for (const root of ['', '/']) await put(subStorage(outer, root) as WritableStorage, 'file', 'x');
    expect(await pathsIn(outer, REMOTE_ROOT)).toEqual(['file']);
  });

  it.each(['..', 'a/../b', 'a//b', '//a', 'a\\b', 'a\0b'])('cannot have the path %j', (root) => {
    expect(() => subStorage(new MemoryStorage(), root)).toThrow(/^EILSEQ: /);
  });

  it('rejects a path that is too long only outside, without revealing the outside', async () => {
    const inner = subStorage(new MemoryStorage(), Array.from({ length: 8 }, () => 'x'.repeat(250)).join('/'));
    const path = at(Array.from({ length: 10 }, () => 'y'.repeat(250)).join('/'));
    const error = await failure(inner.stat(path));
    expect([error.code, error.path]).toEqual(['ENAMETOOLONG', path]);
    expect(error.message).not.toContain('x');
  });

  it('rejects results of the storage that are outside of the directory', async () => {
    const entry = { path: at('homes/other'), kind: 'file', size: 1, mtime: new Date(), etag: 'x' } as const;
    const inner = subStorage(
      storageWith({
        stat: async () => entry,
        async *list() {
          yield entry;
        },
      }),
      HOME,
    );
    expect((await failure(inner.stat(at('file')))).code).toBe('EIO');
    expect((await failure(pathsIn(inner, REMOTE_ROOT))).code).toBe('EIO');
  });

  it('reveals no outside path in an error', async () => {
    const inner = subStorage(
      storageWith({ stat: () => Promise.reject(new TransferError('EACCES', 'Closed.', { path: 'homes' })) }),
      HOME,
    );
    const error = await failure(inner.stat(at('file')));
    expect([error.message, error.path]).toEqual(['EACCES: Closed.', undefined]);
  });
});
