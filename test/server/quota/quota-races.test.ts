/** Many connections of one identity change everything at once: the account is right in the end, and never exceeded. */
import { expect, it } from 'vitest';
import { canWrite } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, TransferError, type Storage } from '../../../src/index.js';
import { Random } from '../../faults/fixtures/random.js';
import { at, quotaPlace, usedIn } from './quota-place.js';

/** One that is soon used up, and one that is never. */
const quotas = [
  { bytes: 450, files: 6 },
  { bytes: 100_000, files: 100 },
] as const;
const PATHS = ['a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a', 'e', 'e/a'].map(at);

/** A storage each call of which takes some turns of the event loop, before and after it is done. */
function slow(storage: Storage, random: Random): Storage {
  const turns = async (): Promise<void> => {
    for (let left = random.integer(0, 3); left > 0; left--)
      await new Promise((resolve) => setImmediate(resolve));
  };
  const later = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      await turns();
      try {
        return await call(...args);
      } finally {
        await turns();
      }
    };
  };
  if (!canWrite(storage)) throw new Error('It cannot write.');
  return {
    stat: later((path) => storage.stat(path)),
    read: (path) => storage.read(path),
    async *list(path, options) {
      for await (const entry of storage.list(path, options)) {
        await turns();
        yield entry;
      }
    },
    write: later(async (path, options) => {
      const file = await storage.write(path, options);
      return {
        write: later((pieces) => file.write(pieces)),
        commit: later((commitToken) => file.commit(commitToken)),
        discard: later(() => file.discard()),
      };
    }),
    mkdir: later((path, options) => storage.mkdir(path, options)),
    remove: later((path, options) => storage.remove(path, options)),
    rename: later((from, to, options) => storage.rename(from, to, options)),
    copy: later((from, to, options) => storage.copy(from, to, options)),
  };
}

it('a quota account is correct after each of 40 runs of parallel operations', async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) await melee(seed, seen);
  expect([...seen]).toEqual(expect.arrayContaining(['put', 'mkdir', 'remove', 'rename', 'copy', 'EDQUOT']));
});

/** Lets 8 connections do 25 things each, and notes what became of them. */
async function melee(seed: number, seen: Set<string>): Promise<void> {
  const quota = quotas[seed % 4 < 2 ? 0 : 1];
  const random = new Random(seed);
  const memory = new MemoryStorage();
  const { again, account, wait } = quotaPlace(quota, slow(memory, random));
  const recounts = seed % 2 === 0;
  const work = async (): Promise<void> => {
    const storage = again();
    for (let step = 0; step < 25; step++) {
      if (recounts) wait(random.integer(0, 8_000));
      const path = random.pick(PATHS);
      const options = { overwrite: random.next() < 0.7, recursive: random.next() < 0.5 };
      const actions = {
        put: async () => {
          const size = random.next() < 0.5 ? 150 : undefined;
          const file = await storage.write(path, { ...options, size });
          for (let left = random.integer(0, 3); left > 0; left--) await file.write([Buffer.alloc(50)]);
          await (random.next() < 0.8 ? file.commit() : file.discard());
        },
        mkdir: () => storage.mkdir(path, options),
        remove: () => storage.remove(path, options),
        rename: () => storage.rename(path, random.pick(PATHS), options),
        copy: () => storage.copy(path, random.pick(PATHS), options),
      };
      const action = random.pick([
        'put',
        'put',
        'put',
        'mkdir',
        'mkdir',
        'remove',
        'rename',
        'copy',
      ] as const);
      try {
        await actions[action]();
        seen.add(action);
      } catch (thrown) {
        seen.add(TransferError.from(thrown).code);
      }
      const used = await usedIn(memory);
      expect(used.bytes).toBeLessThanOrEqual(quota.bytes);
      expect(used.files).toBeLessThanOrEqual(quota.files);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  expect(account.isIdle, `seed ${seed}`).toBe(true);
  expect(account.ledger.stored, `seed ${seed}`).toEqual(await usedIn(memory));
}
