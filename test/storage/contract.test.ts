import { describe, it } from 'vitest';
import { fillStorageFixture } from '../../src/contracts/storage/storage-fixture.js';
import { storageContract } from '../../src/contracts/storage/storage-contract.js';
import { syncCalls } from '../../src/storage/directory/calls/sync-calls.js';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../src/storage/directory/calls/file-calls.js';
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js';
import { readOnly } from '../../src/storage/wrappers/read-only.js';
import type { Storage } from '../../src/storage/storage.js';
import { objectStore } from '../support/doubles/object-store.js';
import { temporaryDirectory } from '../support/servers/serve.js';

type Make = () => Promise<Storage> | Storage;

const storages: Record<string, Make> = {
  'a directory': async () => new DirectoryStorage(await temporaryDirectory()),
  'a directory that is not synced': async () =>
    new DirectoryStorage(await temporaryDirectory(), { flush: false }),
  'a directory that is walked by names': async () =>
    new DirectoryStorage(await temporaryDirectory(), {}, { walking: 'names' }),
  'a directory whose calls are made directly': async () =>
    new DirectoryStorage(
      await temporaryDirectory(),
      { flush: false },
      { calls: syncCalls(fileCalls, { isLocal: () => true }) },
    ),
  'a directory whose calls are made by threads': async () =>
    new DirectoryStorage(await temporaryDirectory(), { flush: false, fileCalls: 'threads' }),
  memory: () => new MemoryStorage(),
  'an object store that is read and written by streams': () => objectStore().storage,
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
