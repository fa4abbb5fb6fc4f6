import { describe, expect, it } from 'vitest';
import { failsWith, pathsIn, put } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, REMOTE_ROOT, TransferError } from '../../../src/index.js';
import { storageWith } from '../../support/servers/unfriendly.js';
import { at, putBytes, quotaPlace, usedIn } from './quota-place.js';

const create = { overwrite: false };
const replace = { overwrite: true };
const one = { recursive: false };
const all = { recursive: true };
const hundred = Buffer.alloc(100);

describe('the bytes of a quota', () => {
  it('are all stored bytes, including those from before the start', async () => {
    const behind = new MemoryStorage();
    await put(behind, 'older', Buffer.alloc(600));
    const { storage } = quotaPlace({ bytes: 1_000 }, behind);
    await putBytes(storage, 'fits', 400);
    await failsWith('EDQUOT', putBytes(storage, 'more', 1));
    expect(await pathsIn(storage, REMOTE_ROOT)).toEqual(['fits', 'older']);
    await putBytes(storage, 'empty', 0);
  });

  it('are counted as they arrive, so that 16 parallel writers cannot exceed the quota', async () => {
    const { storage, behind, account } = quotaPlace({ bytes: 850 });
    const files = await Promise.all(
      Array.from({ length: 16 }, (_, index) => storage.write(at(`file ${index}`), create)),
    );
    const codes = await Promise.all(files.map((file) => outcomeOf(file.write([hundred]))));
    expect(codes.filter((code) => code === 'done')).toHaveLength(8);
    expect(codes.filter((code) => code === 'EDQUOT')).toHaveLength(8);
    expect(behind.bytes).toBe(800);
    for (const [index, file] of files.entries()) if (codes[index] === 'done') await file.commit();
    expect(await usedIn(behind)).toEqual({ bytes: 800, files: 8 });
    expect(account.ledger.stored).toEqual({ bytes: 800, files: 8 });
    expect(account.isIdle).toBe(true);
  });

  it('are reserved at once when the size is announced, and refused before anything is written', async () => {
    let begun = 0;
    const memory = new MemoryStorage();
    const behind = storageWith({
      write: (path, options) => {
        begun += 1;
        return memory.write(path, options);
      },
    });
    const { storage } = quotaPlace({ bytes: 850 }, behind);
    const announced = { ...create, size: 100 };
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, index) => outcomeOf(storage.write(at(`file ${index}`), announced))),
    );
    expect(outcomes.filter((code) => code === 'EDQUOT')).toHaveLength(8);
    expect(begun).toBe(8);
    await failsWith('EDQUOT', storage.write(at('huge'), { ...create, size: Number.MAX_SAFE_INTEGER }));
    expect(begun).toBe(8);
  });

  it('that were announced and did not arrive are released', async () => {
    const { storage } = quotaPlace({ bytes: 1_000 });
    const file = await storage.write(at('small'), { ...create, size: 900 });
    await failsWith('EDQUOT', putBytes(storage, 'other', 200));
    await file.write([hundred]);
    await file.commit();
    await putBytes(storage, 'other', 900);
  });

  it('are released when a write is discarded or exceeds the quota', async () => {
    const { storage, account } = quotaPlace({ bytes: 1_000 });
    const file = await storage.write(at('file'), create);
    await file.write([Buffer.alloc(1_000)]);
    await failsWith('EDQUOT', putBytes(storage, 'other', 1));
    await file.discard();
    await file.discard();
    const over = await storage.write(at('over'), create);
    await over.write([Buffer.alloc(900)]);
    await failsWith('EDQUOT', over.write([Buffer.alloc(101)]));
    await expect(over.write([hundred])).rejects.toThrow();
    await expect(over.commit()).rejects.toThrow();
    await over.discard();
    await putBytes(storage, 'all', 1_000);
    expect(account.isIdle).toBe(true);
    expect(await pathsIn(storage, REMOTE_ROOT)).toEqual(['all']);
  });

  it('change by the difference when a file is replaced, in whichever way', async () => {
    const { storage, account } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'file', 1_000);
    await putBytes(storage, 'file', 1_000);
    await failsWith('EDQUOT', putBytes(storage, 'file', 1_001));
    expect((await storage.stat(at('file'))).size).toBe(1_000);
    await putBytes(storage, 'file', 300);
    expect(account.ledger.stored).toEqual({ bytes: 300, files: 1 });
    await putBytes(storage, 'other', 700);
    await putBytes(storage, 'other', 0);
    await putBytes(storage, 'file', 1_000);
  });

  it('of a replaced file are released to one writer at a time', async () => {
    const { storage, behind } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'file', 1_000);
    const files = await Promise.all(Array.from({ length: 16 }, () => storage.write(at('file'), replace)));
    const codes = await Promise.all(files.map((file) => outcomeOf(file.write([Buffer.alloc(1_000)]))));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(behind.bytes).toBe(2_000);
  });

  it('are requested again at the commit when the file to replace is gone', async () => {
    const { storage, behind, account } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'file', 1_000);
    const file = await storage.write(at('file'), replace);
    await file.write([Buffer.alloc(1_000)]);
    await storage.remove(at('file'), one);
    await putBytes(storage, 'instead', 1_000);
    await failsWith('EDQUOT', file.commit());
    expect(await usedIn(behind)).toEqual({ bytes: 1_000, files: 1 });
    expect(behind.bytes).toBe(1_000);
    expect(account.isIdle).toBe(true);
  });

  it('are released by remove, also of a directory with its content', async () => {
    const { storage, account } = quotaPlace({ bytes: 1_000 });
    await storage.mkdir(at('a/b'), all);
    await putBytes(storage, 'a/one', 400);
    await putBytes(storage, 'a/b/two', 400);
    await putBytes(storage, 'file', 200);
    await failsWith('ENOTEMPTY', storage.remove(at('a'), one));
    await failsWith('ENOENT', storage.remove(at('missing'), all));
    expect(account.ledger.stored).toEqual({ bytes: 1_000, files: 5 });
    await storage.remove(at('file'), one);
    await storage.remove(at('a'), all);
    expect(account.ledger.stored).toEqual({ bytes: 0, files: 0 });
    await putBytes(storage, 'all', 1_000);
  });

  it('are used by copy, and not by rename', async () => {
    const { storage, account } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'a', 400);
    await storage.copy(at('a'), at('b'), create);
    await failsWith('EDQUOT', storage.copy(at('a'), at('c'), create));
    expect(await pathsIn(storage, REMOTE_ROOT)).toEqual(['a', 'b']);
    await storage.copy(at('a'), at('b'), replace);
    await storage.copy(at('a'), at('a'), replace);
    await storage.rename(at('a'), at('c'), create);
    expect(account.ledger.stored).toEqual({ bytes: 800, files: 2 });
    await storage.rename(at('c'), at('b'), replace);
    expect(account.ledger.stored).toEqual({ bytes: 400, files: 1 });
    await storage.rename(at('b'), at('b'), replace);
    expect(account.ledger.stored).toEqual({ bytes: 400, files: 1 });
  });

  it('of a copy are those of its source when they were reserved, or the copy fails', async () => {
    const memory = new MemoryStorage();
    await put(memory, 'a', hundred);
    let grows = true;
    const { storage, account } = quotaPlace(
      { bytes: 1_000 },
      storageWith({
        copy: memory.copy.bind(memory),
        list: memory.list.bind(memory),
        stat: async (path) => {
          const entry = await memory.stat(path);
          if (grows) await put(memory, 'a', Buffer.alloc(600));
          grows = false;
          return entry;
        },
      }),
    );
    await failsWith('ESTALE', storage.copy(at('a'), at('b'), create));
    expect(await pathsIn(memory, REMOTE_ROOT)).toEqual(['a']);
    expect(account.isIdle).toBe(true);
  });

  it('belong to the identity, over all its connections', async () => {
    const { storage, again } = quotaPlace({ bytes: 1_000 });
    const other = again();
    await Promise.all([putBytes(storage, 'a', 500), putBytes(other, 'b', 500)]);
    await failsWith('EDQUOT', putBytes(storage, 'c', 1));
    await failsWith('EDQUOT', putBytes(other, 'c', 1));
    await other.remove(at('a'), one);
    await putBytes(storage, 'c', 500);
  });

  it('may exceed a quota that was reduced, and can then only decrease', async () => {
    const { storage, again } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'a', 1_000);
    const bounded = again({ bytes: 500 });
    await failsWith('EDQUOT', putBytes(bounded, 'b', 1));
    await putBytes(bounded, 'a', 900);
    await bounded.rename(at('a'), at('b'), create);
    await putBytes(bounded, 'b', 400);
    await putBytes(bounded, 'c', 100);
  });
});

describe('the files of a quota', () => {
  it('count files and directories', async () => {
    const { storage, account } = quotaPlace({ files: 3 });
    await failsWith('EDQUOT', storage.mkdir(at('a/b/c/d'), all));
    await storage.mkdir(at('a/b'), all);
    await storage.mkdir(at('a/b'), all);
    await failsWith('EEXIST', storage.mkdir(at('a'), one));
    await failsWith('EISDIR', storage.write(at('a/b'), create));
    await putBytes(storage, 'file', 1_000_000);
    await failsWith('EDQUOT', putBytes(storage, 'other', 0));
    await failsWith('EDQUOT', storage.copy(at('file'), at('other'), create));
    await failsWith('EDQUOT', storage.mkdir(at('c'), one));
    await putBytes(storage, 'file', 1);
    expect(account.ledger.stored).toEqual({ bytes: 1, files: 3 });
    await storage.remove(at('a/b'), one);
    await storage.mkdir(at('c'), one);
  });

  it('are reserved during the write', async () => {
    const { storage } = quotaPlace({ files: 2 });
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, index) => outcomeOf(storage.write(at(`file ${index}`), create))),
    );
    expect(outcomes.filter((outcome) => outcome === 'EDQUOT')).toHaveLength(14);
  });
});

describe('the size of one file', () => {
  it('is limited when announced, while it arrives, and in a copy', async () => {
    const { storage, behind, counted } = quotaPlace({ fileBytes: 500 });
    await putBytes(storage, 'fits', 500);
    await failsWith('EFBIG', storage.write(at('announced'), { ...create, size: 501 }));
    const file = await storage.write(at('coming'), create);
    await file.write([Buffer.alloc(400)]);
    await failsWith('EFBIG', file.write([Buffer.alloc(101)]));
    await expect(file.commit()).rejects.toThrow();
    await put(behind, 'large', Buffer.alloc(501));
    await failsWith('EFBIG', storage.copy(at('large'), at('copy'), create));
    expect(counted()).toBe(0);
    expect(await pathsIn(storage, REMOTE_ROOT)).toEqual(['fits', 'large']);
    expect(behind.bytes).toBe(1_001);
  });
});

/** The code of what work fails with, or that it is done. */
function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => TransferError.from(error).code,
  );
}
