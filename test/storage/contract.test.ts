import { describe, it } from 'vitest';
import { fillStorageFixture } from '../../src/contracts/storage-fixture.js';
import { storageContract } from '../../src/contracts/storage-contract.js';
import { directCalls } from '../../src/storage/directory/direct-calls.js';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../src/storage/directory/file-calls.js';
import { MemoryStorage } from '../../src/storage/memory.js';
import { readOnly } from '../../src/storage/read-only.js';
import type { RemotePath } from '../../src/protocol/remote-path.js';
import type { PendingFile, Storage, StorageWriteOptions } from '../../src/storage/storage.js';
import { temporaryDirectory } from '../support/serve.js';

type Make = () => Promise<Storage> | Storage;

/** A storage that is told of every new version that it is small and at hand, whatever comes. */
class AtOnce extends DirectoryStorage {
  override async write(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    // At hand, nothing is refused before the commit.
    await (await super.write(path, options)).discard();
    // One that is at hand is never gone on with.
    return super.write(path, { size: 1_000, isAtOnce: options.uploadId === undefined, ...options });
  }
}

const storages: Record<string, Make> = {
  'a directory': async () => new DirectoryStorage(await temporaryDirectory()),
  'a directory that is not synced': async () =>
    new DirectoryStorage(await temporaryDirectory(), { durability: 'none' }),
  'a directory that is walked by names': async () =>
    new DirectoryStorage(await temporaryDirectory(), {}, { walking: 'names' }),
  'a directory whose calls are made directly': async () =>
    new DirectoryStorage(
      await temporaryDirectory(),
      { durability: 'none' },
      { calls: directCalls(fileCalls, { isLocal: () => true }) },
    ),
  'a directory whose new versions are at hand': async () =>
    new AtOnce(
      await temporaryDirectory(),
      { durability: 'none' },
      { calls: directCalls(fileCalls, { isLocal: () => true }) },
    ),
  'a directory whose calls are made by threads': async () =>
    new DirectoryStorage(await temporaryDirectory(), { durability: 'none', fileCalls: 'threads' }),
  memory: () => new MemoryStorage(),
};

describe.each(Object.entries(storages))('%s as a storage', (_, make) => {
  for (const { name, run } of storageContract(make)) it(name, run);
});

describe.each(Object.entries(storages))('%s as a storage that is read-only', (_, make) => {
  const makeReadOnly = async (): Promise<Storage> => {
    const storage = await make();
    await fillStorageFixture(storage);
    return readOnly(storage);
  };
  for (const { name, run } of storageContract(makeReadOnly, { readOnly: true })) it(name, run);
});
