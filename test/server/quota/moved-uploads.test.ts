/** Uploads whose directory is renamed or removed while they run, and that are suspended after that. */
import { describe, expect, it } from 'vitest';
import { failsWith } from '../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage, type PendingFile } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { at, putBytes, quotaPlace } from './quota-place.js';

const uploadId = '0123456789abcdef0123456789abcdef';
const create = { overwrite: false };
const one = { recursive: false };

/** An upload of 900 bytes into a directory, of 1,000 that the quota allows. */
async function uploading() {
  const place = quotaPlace({ bytes: 1_000 }, new DirectoryStorage(await temporaryDirectory()));
  await place.storage.mkdir(at('folder'), one);
  const write = async (): Promise<PendingFile> => {
    const pending = await place.storage.write(at('folder/file'), { overwrite: true, uploadId });
    await pending.write([Buffer.alloc(900)]);
    return pending;
  };
  return { ...place, write, pending: await write() };
}

describe('an upload whose directory is renamed while it runs', () => {
  it('stays counted when it is suspended, until its expiry', async () => {
    const { storage, pending, wait } = await uploading();
    await storage.rename(at('folder'), at('moved'), create);
    await pending.suspend?.();
    await failsWith('EDQUOT', putBytes(storage, 'other', 200));
    await failsWith('EDQUOT', putBytes(storage, 'other', 200));
    wait(25 * 60 * 60 * 1_000);
    await putBytes(storage, 'other', 200);
  });

  it('stays counted after several renames, and is resumed when its directory has its old name', async () => {
    const { storage, pending, account } = await uploading();
    await storage.rename(at('folder'), at('moved'), create);
    await storage.mkdir(at('outer'), one);
    await storage.rename(at('moved'), at('outer/inner'), create);
    await storage.rename(at('outer'), at('other'), create);
    await storage.rename(at('other/inner'), at('folder'), create);
    await pending.suspend?.();
    const found = await storage.resume?.(at('folder/file'), { overwrite: true, uploadId });
    expect(found?.kind).toBe('pending');
    if (found?.kind === 'pending') await found.pending.discard();
    expect(account.isIdle).toBe(true);
  });

  it('frees its room when the renamed directory is removed', async () => {
    const { storage, pending } = await uploading();
    await storage.rename(at('folder'), at('moved'), create);
    await pending.suspend?.();
    await storage.remove(at('moved'), { recursive: true });
    await putBytes(storage, 'other', 1_000);
  });

  it('is not counted twice beside another one with its id in a new directory of the old name', async () => {
    const { storage, write, pending, account } = await uploading();
    await storage.rename(at('folder'), at('moved'), create);
    await pending.suspend?.();
    await storage.mkdir(at('folder'), one);
    await failsWith('EDQUOT', write());
    const usage = account.ledger.used;
    expect(usage.bytes).toBe(900);
  });

  it('does not make the rename fail, whatever the length of its new path', async () => {
    const place = quotaPlace({ bytes: 1_000 });
    const { storage, behind, account } = place;
    const segments = (count: number, letter: string) =>
      Array<string>(count).fill(letter.repeat(250)).join('/');
    await storage.mkdir(at('folder'), one);
    const below = `folder/${segments(8, 'a')}`;
    await storage.mkdir(at(below), { recursive: true });
    await storage.mkdir(at(segments(9, 'b')), { recursive: true });
    const pending = await storage.write(at(`${below}/file`), { overwrite: true });
    await storage.rename(at('folder'), at(`${segments(9, 'b')}/folder`), create);
    await failsWith('ENOENT', behind.stat(at('folder')));
    await pending.discard();
    expect(account.isIdle).toBe(true);
  });

  it('does not change what an upload elsewhere counts', async () => {
    const { storage, account, pending } = await uploading();
    await storage.mkdir(at('folder2'), one);
    await storage.rename(at('folder2'), at('moved'), create);
    await pending.suspend?.();
    await putBytes(storage, 'other', 1_000);
    expect(account.ledger.stored?.bytes).toBe(1_000);
    expect(account.isIdle).toBe(true);
  });
});

describe('an upload whose renamed directory is removed while it runs', () => {
  it('frees its room when that is needed', async () => {
    const { storage, pending } = await uploading();
    await storage.rename(at('folder'), at('moved'), create);
    await storage.remove(at('moved'), { recursive: true });
    await pending.suspend?.().catch(() => undefined);
    await putBytes(storage, 'other', 1_000);
  });
});
