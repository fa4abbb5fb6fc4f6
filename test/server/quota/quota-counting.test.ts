import { describe, expect, it } from 'vitest';
import { failsWith, put, type WritableStorage } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, REMOTE_ROOT } from '../../../src/index.js';
import { QuotaAccounts } from '../../../src/server/quota/quota-accounts.js';
import { withinQuota } from '../../../src/server/quota/within-quota.js';
import { storageWith } from '../../support/servers/unfriendly.js';
import { at, putBytes, quotaPlace } from './quota-place.js';

const create = { overwrite: false };
const one = { recursive: false };
const all = { recursive: true };

describe('the usage of a quota', () => {
  it('is counted at the first request, once for all callers', async () => {
    const { storage, again, counted } = quotaPlace({ bytes: 1_000 });
    await storage.stat(REMOTE_ROOT);
    await storage.rename(at('missing'), at('other'), create).catch(() => undefined);
    expect(counted()).toBe(0);
    await Promise.all(Array.from({ length: 8 }, (_, index) => putBytes(again(), `file ${index}`, 100)));
    expect(counted()).toBe(1);
  });

  it('is counted again before a request is refused, but not for each refusal', async () => {
    const { storage, behind, counted, wait } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'file', 1_000);
    expect(counted()).toBe(1);
    await failsWith('EDQUOT', putBytes(storage, 'other', 1));
    expect(counted()).toBe(1);
    await behind.remove(at('file'), one);
    wait(30_000);
    await putBytes(storage, 'other', 1_000);
    expect(counted()).toBe(2);
    for (let times = 0; times < 5; times++) await failsWith('EDQUOT', putBytes(storage, 'more', 1));
    expect(counted()).toBe(2);
    wait(30_000);
    await failsWith('EDQUOT', putBytes(storage, 'more', 1));
    expect(counted()).toBe(3);
  });

  it('is counted again after a removal that failed half-way', async () => {
    const memory = new MemoryStorage();
    const { storage, counted } = quotaPlace(
      { bytes: 1_000 },
      storageWith({
        stat: memory.stat.bind(memory),
        list: memory.list.bind(memory),
        write: memory.write.bind(memory),
        remove: async () => {
          await memory.remove(at('d/a'), one);
          throw Object.assign(new Error('One of them is busy.'), { code: 'EBUSY' });
        },
      }),
    );
    await memory.mkdir(at('d'), one);
    for (const name of ['a', 'b']) await putBytes(storage, `d/${name}`, 500);
    await failsWith('EBUSY', storage.remove(at('d'), all));
    await putBytes(storage, 'c', 500);
    expect(counted()).toBe(2);
  });

  it('is counted again before a commit is refused, in case another program removed files', async () => {
    const { storage, behind, wait } = quotaPlace({ bytes: 1_000 });
    await putBytes(storage, 'file', 1_000);
    const file = await storage.write(at('file'), { overwrite: true });
    await file.write([Buffer.alloc(1_000)]);
    await behind.remove(at('file'), one);
    wait(30_000);
    await file.commit();
    expect((await behind.stat(at('file'))).size).toBe(1_000);
  });

  it('is counted while renames wait', async () => {
    let release: (() => void) | undefined;
    const memory = new MemoryStorage();
    await memory.mkdir(at('late'), one);
    await put(memory, 'late/file', Buffer.alloc(900));
    await memory.mkdir(at('early'), one);
    const { storage, account } = quotaPlace(
      { bytes: 1_000 },
      Object.assign(storageWith({}), {
        stat: memory.stat.bind(memory),
        read: memory.read.bind(memory),
        write: memory.write.bind(memory),
        rename: memory.rename.bind(memory),
        async *list() {
          yield* memory.list(at('early'), all);
          await new Promise<void>((resolve) => (release = resolve));
          yield* memory.list(at('late'), all);
        },
      }),
    );
    const putting = putBytes(storage, 'file', 200);
    const refused = failsWith('EDQUOT', putting);
    while (!release) await new Promise((resolve) => setImmediate(resolve));
    // The directory was counted before: files that arrive in it now would never be counted.
    const renaming = storage.rename(at('late/file'), at('early/file'), create);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await memory.stat(at('late/file'))).size).toBe(900);
    release();
    await Promise.all([refused, renaming]);
    expect(account.ledger.stored?.bytes).toBe(900);
  });

  it('is counted again after a count that failed', async () => {
    const memory = new MemoryStorage();
    let isBroken = true;
    const { storage } = quotaPlace(
      { bytes: 1_000 },
      storageWith({
        write: memory.write.bind(memory),
        stat: memory.stat.bind(memory),
        list: (...args) => {
          if (isBroken) throw Object.assign(new Error('EIO: /srv/files'), { code: 'EIO' });
          return memory.list(...args);
        },
      }),
    );
    await failsWith('EIO', putBytes(storage, 'file', 1));
    isBroken = false;
    await putBytes(storage, 'file', 1_000);
    await failsWith('EDQUOT', putBytes(storage, 'other', 1));
  });
});

describe('the bytes of a failed commit', () => {
  it('count', async () => {
    const memory = new MemoryStorage();
    const { storage, account } = quotaPlace(
      { bytes: 1_000 },
      storageWith({
        stat: memory.stat.bind(memory),
        list: memory.list.bind(memory),
        write: async (path, options) => {
          const file = await memory.write(path, options);
          return {
            write: (pieces) => file.write(pieces),
            discard: () => file.discard(),
            commit: async () => {
              await file.commit();
              throw Object.assign(new Error('The directory could not be synced.'), { code: 'EIO' });
            },
          };
        },
      }),
    );
    await failsWith('EIO', putBytes(storage, 'file', 900));
    expect(account.ledger.stored).toEqual({ bytes: 900, files: 1 });
    await failsWith('EDQUOT', putBytes(storage, 'other', 200));
  });
});

describe('the accounts of a quota', () => {
  it('are dropped for idle identities, and kept for active ones', async () => {
    const accounts = new QuotaAccounts(() => 0, 3);
    const behind = new MemoryStorage();
    const storageOf = (name: string) =>
      withinQuota(behind, { accounts, name, quota: { bytes: 1_000 } }) as WritableStorage;
    const busy = await storageOf('busy').write(at('busy'), create);
    const account = accounts.of('busy');
    const idle = accounts.of('idle');
    for (const name of ['a', 'b', 'c', 'd']) await putBytes(storageOf(name), name, 1);
    expect(accounts.of('busy')).toBe(account);
    expect(accounts.of('idle')).not.toBe(idle);
    await busy.discard();
    for (const name of ['a', 'b', 'c', 'd']) accounts.of(name);
    expect(accounts.of('busy')).not.toBe(account);
  });

  it('have the same room after they are dropped and counted again', async () => {
    const accounts = new QuotaAccounts(() => 0, 1);
    const behind = new MemoryStorage();
    const storage = withinQuota(behind, {
      accounts,
      name: 'ann',
      quota: { bytes: 1_000 },
    }) as WritableStorage;
    await putBytes(storage, 'file', 1_000);
    accounts.of('somebody else');
    await failsWith('EDQUOT', putBytes(storage, 'other', 1));
  });
});
