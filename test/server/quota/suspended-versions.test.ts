import { describe, expect, it, vi } from 'vitest';
import { failsWith, textAt } from '../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage, type PendingFile } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { at, putBytes, quotaPlace } from './quota-place.js';

const create = { overwrite: false };
const one = { recursive: false };
const replace = { overwrite: true };
const hundred = Buffer.alloc(100);

describe('a suspended version', () => {
  const uploadId = '0123456789abcdef0123456789abcdef';

  async function suspended() {
    const place = quotaPlace({ bytes: 1_000 }, new DirectoryStorage(await temporaryDirectory()));
    const suspend = async (path: string, bytes: number, id = uploadId): Promise<void> => {
      const file = await place.storage.write(at(path), { ...replace, uploadId: id });
      await file.write([Buffer.alloc(bytes, 'a')]);
      await file.suspend?.();
    };
    const resumed = async (path: string, id = uploadId): Promise<PendingFile | undefined> => {
      const found = await place.storage.resume?.(at(path), { ...replace, uploadId: id });
      return found?.kind === 'pending' ? found.pending : undefined;
    };
    return { ...place, suspend, resumed };
  }

  it('counts its bytes once until it is resumed', async () => {
    const { storage, suspend, resumed, account } = await suspended();
    await suspend('file', 600);
    await putBytes(storage, 'fits', 300);
    const pending = await resumed('file');
    await failsWith('EDQUOT', putBytes(storage, 'more', 200));
    await pending?.write([Buffer.alloc(100, 'b')]);
    await pending?.commit();
    expect(await textAt(storage, 'file')).toBe('a'.repeat(600) + 'b'.repeat(100));
    expect(account.ledger.stored).toEqual({ bytes: 1_000, files: 2 });
    expect(account.isIdle).toBe(true);
  });

  it('is discarded, the oldest first, when its room is needed and nothing else frees any', async () => {
    const { storage, suspend, resumed } = await suspended();
    await suspend('old', 300, '0'.repeat(32));
    await suspend('new', 300, '1'.repeat(32));
    await failsWith('EDQUOT', putBytes(storage, 'too large', 1_001));
    await putBytes(storage, 'file', 500);
    expect(await resumed('old', '0'.repeat(32))).toBeUndefined();
    const pending = await resumed('new', '1'.repeat(32));
    await pending?.commit();
    expect(await textAt(storage, 'new')).toBe('a'.repeat(300));
  });

  it('is kept with others while there is room for all of them', async () => {
    const { suspend, resumed, account } = await suspended();
    const ids = ['0'.repeat(32), '1'.repeat(32)];
    for (const id of ids) await suspend('file', 300, id);
    for (const id of ids) {
      const pending = await resumed('file', id);
      expect(pending).toBeDefined();
      await pending?.discard();
    }
    expect(account.isIdle).toBe(true);
  });

  it('is no longer counted once it is found to be gone', async () => {
    const { storage, behind, suspend, account } = await suspended();
    await suspend('file', 300);
    const found = await behind.resume(at('file'), { ...replace, uploadId });
    if (found?.kind === 'pending') await found.pending.discard();
    expect(await storage.resume?.(at('file'), { ...replace, uploadId })).toBeUndefined();
    expect(account.isIdle).toBe(true);
  });

  it('is not discarded for a request that would still not fit', async () => {
    const { storage, suspend, resumed } = await suspended();
    await putBytes(storage, 'file', 600);
    await suspend('suspended', 300);
    await failsWith('EDQUOT', storage.write(at('other'), { ...create, size: 500 }));
    expect(await resumed('suspended')).toBeDefined();
  });

  it('counts in full although it replaces a file, so that many of them cannot fill the disk', async () => {
    const { storage, suspend, resumed, account } = await suspended();
    await putBytes(storage, 'file', 1_000);
    const ids = Array.from({ length: 16 }, (_, index) => index.toString(16).repeat(32));
    for (const id of ids) await suspend('file', 1_000, id);
    const kept: string[] = [];
    for (const id of ids) {
      const pending = await resumed('file', id);
      if (pending) kept.push(id);
      await pending?.discard();
    }
    expect(kept).toEqual(['f'.repeat(32)]);
    expect(account.ledger.stored).toEqual({ bytes: 1_000, files: 1 });
    expect(account.isIdle).toBe(true);
  });

  it('is no longer counted when it is restarted, refused or committed', async () => {
    const { storage, suspend, account } = await suspended();
    await suspend('file', 600);
    await (await storage.write(at('file'), { ...replace, uploadId })).discard();
    expect(account.isIdle).toBe(true);
    await suspend('file', 600);
    await putBytes(storage, 'file', 1);
    await failsWith('EEXIST', storage.resume!(at('file'), { ...create, uploadId }));
    expect(account.isIdle).toBe(true);
    const file = await storage.write(at('other'), { ...replace, uploadId });
    await file.write([hundred]);
    await file.commit('token');
    expect((await storage.resume!(at('other'), { ...replace, uploadId }))?.kind).toBe('committed');
    expect(account.isIdle).toBe(true);
  });

  it('stays counted after its directory was renamed, until its expiry', async () => {
    const { storage, suspend, resumed, wait } = await suspended();
    await storage.mkdir(at('folder'), one);
    await suspend('folder/file', 1_000);
    await storage.rename(at('folder'), at('moved'), create);
    await failsWith('EDQUOT', putBytes(storage, 'other', 1));
    expect(await resumed('folder/file')).toBeUndefined();
    await failsWith('EDQUOT', putBytes(storage, 'other', 1));
    wait(25 * 60 * 60 * 1_000);
    await putBytes(storage, 'other', 1);
  });

  it('stays counted beside another one with its id, in a new directory of the old name', async () => {
    const { storage, suspend, resumed } = await suspended();
    await storage.mkdir(at('folder'), one);
    await suspend('folder/file', 600);
    await storage.rename(at('folder'), at('moved'), create);
    await storage.mkdir(at('folder'), one);
    await suspend('folder/file', 300);
    await failsWith('EDQUOT', storage.write(at('other'), { ...create, size: 500 }));
    await (await resumed('folder/file'))?.discard();
    await failsWith('EDQUOT', storage.write(at('other'), { ...create, size: 500 }));
    await putBytes(storage, 'other', 400);
  });

  it('counts once when it is resumed after its directory got its old name back', async () => {
    const { storage, suspend, resumed, account } = await suspended();
    await storage.mkdir(at('folder'), one);
    await storage.mkdir(at('folder/inner'), one);
    await suspend('folder/inner/file', 1_000);
    await storage.rename(at('folder'), at('moved'), create);
    await storage.rename(at('moved'), at('folder'), create);
    const pending = await resumed('folder/inner/file');
    expect(pending).toBeDefined();
    await pending?.discard();
    expect(account.isIdle).toBe(true);
  });

  it('is no longer counted once its directory was removed and its room is needed', async () => {
    const { storage, suspend } = await suspended();
    await storage.mkdir(at('folder'), one);
    await suspend('folder/file', 1_000);
    await storage.remove(at('folder'), { recursive: true });
    await putBytes(storage, 'other', 1_000);
  });

  it('of a renamed directory frees its room when that is removed', async () => {
    const { storage, suspend } = await suspended();
    await storage.mkdir(at('folder'), one);
    await suspend('folder/file', 900);
    await storage.rename(at('folder'), at('moved'), create);
    await failsWith('EDQUOT', putBytes(storage, 'other', 1_000));
    await storage.remove(at('moved'), { recursive: true });
    await putBytes(storage, 'other', 1_000);
  });

  it('of a renamed directory is discarded if the storage still has it at its path', async () => {
    const { storage, behind, suspend } = await suspended();
    await storage.mkdir(at('folder'), one);
    await suspend('folder/file', 1_000);
    await storage.rename(at('folder'), at('moved'), create);
    const pending = await behind.write(at('still there'), replace);
    const discard = vi.spyOn(pending, 'discard');
    vi.spyOn(behind, 'resume').mockResolvedValue({ kind: 'pending', pending, bytes: 1_000 });
    await putBytes(storage, 'other', 1_000);
    expect(discard).toHaveBeenCalledOnce();
  });

  it('that is unknown after a restart counts when it is resumed', async () => {
    const first = await suspended();
    await first.suspend('file', 600);
    const { storage, account } = quotaPlace({ bytes: 1_000, fileBytes: 700 }, first.behind);
    await putBytes(storage, 'other', 500);
    await failsWith('EDQUOT', storage.resume!(at('file'), { ...replace, uploadId }));
    expect(await storage.resume!(at('file'), { ...replace, uploadId })).toBeUndefined();
    expect(account.isIdle).toBe(true);
    await first.suspend('file', 900);
    await failsWith('EFBIG', storage.resume!(at('file'), { ...replace, uploadId }));
    expect(account.isIdle).toBe(true);
  });
});
