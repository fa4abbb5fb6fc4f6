/** Small files in one call, through the storages that wrap another one. */
import { expect, it } from 'vitest';
import { at, put } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, readOnly, subStorage } from '../../../src/index.js';
import { QuotaAccounts } from '../../../src/server/quota/quota-accounts.js';
import { withinQuota } from '../../../src/server/quota/within-quota.js';

const replace = { overwrite: true };

async function filled(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.mkdir(at('folder'), { recursive: false });
  await put(storage, 'folder/file', 'content');
  return storage;
}

it('a read-only storage reads whole files, and writes none', async () => {
  const storage = readOnly(await filled());
  const file = await storage.readFile?.(at('folder/file'));
  expect(Buffer.from(file?.bytes ?? []).toString()).toBe('content');
  expect('writeFile' in storage).toBe(false);
});

it('a directory of a storage reads and writes whole files by paths below it', async () => {
  const outer = await filled();
  const storage = subStorage(outer, 'folder');
  expect((await storage.readFile?.(at('file')))?.entry.path).toBe('file');
  expect((await storage.writeFile?.(at('new'), [Buffer.from('x')], replace))?.path).toBe('new');
  expect((await outer.stat(at('folder/new'))).size).toBe(1);
  await expect(storage.readFile?.(at('none'))).rejects.toMatchObject({ code: 'ENOENT', path: 'none' });
  await expect(storage.writeFile?.(at('no/file'), [], replace)).rejects.toMatchObject({ path: 'no/file' });
});

it('a wrapper has no method for whole files that its inner storage lacks', async () => {
  const storage = await filled();
  Object.assign(storage, { readFile: undefined, writeFile: undefined });
  for (const wrapped of [readOnly(storage), subStorage(storage, 'folder')])
    expect([wrapped.readFile, wrapped.writeFile]).toEqual([undefined, undefined]);
});

it('a storage within a quota reads whole files, and counts every byte that is written', async () => {
  const quota = { bytes: 10 };
  const storage = withinQuota(await filled(), { accounts: new QuotaAccounts(), name: 'ann', quota });
  expect((await storage.readFile?.(at('folder/file')))?.entry.size).toBe(7);
  // Nothing passes by the counting of `write`, which refuses a file before a byte of it has come.
  expect(storage.writeFile).toBeUndefined();
  await expect(storage.write?.(at('large'), { ...replace, size: 4 })).rejects.toMatchObject({
    code: 'EDQUOT',
  });
});
