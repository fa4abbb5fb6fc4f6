import { describe, expect, it } from 'vitest';
import { storageContract } from '../../../src/contracts/storage/storage-contract.js';
import { fillStorageFixture, writingMethods } from '../../../src/contracts/storage/storage-fixture.js';
import {
  DirectoryStorage,
  MemoryStorage,
  parseRemotePath,
  readOnly,
  subStorage,
  type Storage,
} from '../../../src/index.js';
import { QuotaAccounts } from '../../../src/server/quota/quota-accounts.js';
import { withinQuota } from '../../../src/server/quota/within-quota.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

function bounded(storage: Storage): Storage {
  const quota = { bytes: 100_000_000, files: 10_000, fileBytes: 50_000_000 };
  return withinQuota(storage, { accounts: new QuotaAccounts(), name: 'ann', quota });
}

const storages: Record<string, () => Promise<Storage>> = {
  'a directory': async () => new DirectoryStorage(await temporaryDirectory()),
  memory: async () => new MemoryStorage(),
  'a directory of a directory': async () => {
    const outer = new DirectoryStorage(await temporaryDirectory());
    const inner = subStorage(outer, 'homes/ann');
    await outer.mkdir(parseRemotePath('homes/ann'), { recursive: true });
    return { ...inner, close: () => outer.close() };
  },
};

describe.each(Object.entries(storages))('%s within a quota', (_, make) => {
  for (const { name, run } of storageContract(async () => bounded(await make()))) it(name, run);
});

describe.each(Object.entries(storages))('%s that is read-only, within a quota', (_, make) => {
  const makeReadOnly = async (): Promise<Storage> => {
    const storage = await make();
    await fillStorageFixture(storage);
    return bounded(readOnly(storage));
  };
  for (const { name, run } of storageContract(makeReadOnly, { readOnly: true })) it(name, run);
});

it('a storage within a quota has exactly the methods of its inner storage', () => {
  for (const storage of [new MemoryStorage(), new DirectoryStorage('.')] as Storage[]) {
    for (const method of [...writingMethods, 'close'] as const) {
      // Whole files are written by `write`, which refuses them before a byte has come.
      expect(method in bounded(storage), method).toBe(
        method !== 'writeFile' && storage[method] !== undefined,
      );
    }
    for (const method of writingMethods) expect(method in bounded(readOnly(storage)), method).toBe(false);
  }
});
