import { expect, it } from 'vitest';
import { writingMethods } from '../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { MemoryStorage } from '../../../src/storage/memory/memory-storage.js';
import { readOnly } from '../../../src/storage/wrappers/read-only.js';
import type { Storage } from '../../../src/storage/storage.js';

it.each([new MemoryStorage(), new DirectoryStorage('.')])(
  'proftpd, ftp-srv: a read-only storage has no method that writes, not even an inherited one',
  (storage) => {
    const wrapped = readOnly(storage);
    for (const method of writingMethods) expect(method in wrapped).toBe(false);
    expect(Object.values(wrapped)).not.toContain(storage);
  },
);

it('a read-only storage closes the storage that it wraps', async () => {
  let closed = 0;
  const storage: Storage = new MemoryStorage();
  storage.close = async () => {
    closed++;
  };
  await readOnly(storage).close?.();
  expect(closed).toBe(1);
  await readOnly(new MemoryStorage()).close?.();
});
