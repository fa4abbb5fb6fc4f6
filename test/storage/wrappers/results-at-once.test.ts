import { expect, it } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import { parseRemotePath } from '../../../src/protocol/remote-path.js';
import { MemoryStorage } from '../../../src/storage/memory/memory-storage.js';
import type { Storage, WholeFile } from '../../../src/storage/storage.js';
import { subStorage } from '../../../src/storage/wrappers/sub-storage.js';

const path = parseRemotePath('file');
const inner = { path, size: 1, kind: 'file', mtime: new Date(0) } as const;
const entry = { ...inner, path: parseRemotePath('folder/file') };

function withReadFile(readFile: NonNullable<Storage['readFile']>): Storage {
  const memory = new MemoryStorage();
  return subStorage(
    {
      stat: (at) => memory.stat(at),
      list: (at, options) => memory.list(at, options),
      read: (at) => memory.read(at),
      readFile,
      write: (at, options) => memory.write(at, options),
      writeFile: () => entry,
    },
    'folder',
  );
}

it('a sub-storage returns a result without a promise if the outer storage does', () => {
  const storage = withReadFile(() => ({ entry, bytes: Buffer.from('x') }));
  expect(storage.readFile?.(path)).toEqual({ entry: inner, bytes: Buffer.from('x') });
  expect(storage.writeFile?.(path, [Buffer.from('x')], { overwrite: true })).toEqual(inner);
});

it('a sub-storage rejects with an inner path, whether the outer storage throws or rejects', async () => {
  const failure = (): TransferError => new TransferError('EIO', undefined, { path: 'folder/file' });
  const outer: ((at: string) => WholeFile | Promise<WholeFile>)[] = [
    () => {
      throw failure();
    },
    () => Promise.reject(failure()),
  ];
  for (const readFile of outer) {
    const reading = Promise.resolve(withReadFile(readFile).readFile?.(path));
    await expect(reading).rejects.toMatchObject({ code: 'EIO', path: 'file' });
  }
});
