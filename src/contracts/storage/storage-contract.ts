/**
 * The contract of storages as test cases for any test runner:
 *
 *     for (const { name, run } of storageContract(() => new MyStorage())) test(name, run);
 */
import assert from 'node:assert/strict';
import type { Storage } from '../../storage/storage.js';
import type { ContractCase } from '../contract-case.js';
import type { StorageCases } from './storage-case.js';
import { appendingCases, type AppendableStorage } from './cases/appending-cases.js';
import { changingCases } from './cases/changing-cases.js';
import { concurrencyCases } from './cases/concurrency-cases.js';
import {
  type WritableStorage,
  canWrite,
  fillStorageFixture,
  requiredWritingMethods,
  writingMethods,
} from './storage-fixture.js';
import { readingCases } from './cases/reading-cases.js';
import {
  resumingCases,
  uploadStatusCases,
  type AskableStorage,
  type ResumableStorage,
} from './cases/resuming-cases.js';
import { wholeFileReadingCases, wholeFileWritingCases, type WholeFileStorage } from './whole-files.js';
import { modeCases, type StorageWithModes } from './cases/mode-cases.js';
import { timeCases, type TimedStorage } from './cases/time-cases.js';
import { watchingCases, type WatchableStorage } from './cases/watching-cases.js';
import { writingCases } from './cases/writing-cases.js';

/** Options of {@link storageContract}. */
export interface StorageContractOptions {
  /** Whether the storage has no writing methods; then only the reading methods are tested. Default: `false`. */
  readonly readOnly?: boolean;
}

/**
 * Returns the test cases of the storage contract.
 *
 * @param make - makes a storage for each case, which closes it: an empty one or, if it is read-only, one that
 * `fillStorageFixture` has filled
 */
export function storageContract(
  make: () => Promise<Storage> | Storage,
  { readOnly = false }: StorageContractOptions = {},
): ContractCase[] {
  const cases = { ...readingCases, ...wholeFileReadingCases };
  const reading = casesFor(cases, () => makeFilled(make, readOnly), canRead);
  if (readOnly) return reading;
  const makeEmpty = (): Promise<WritableStorage> => makeWritable(make);
  return [
    ...reading,
    ...casesFor({ ...writingCases, ...changingCases, ...concurrencyCases }, makeEmpty, canWrite),
    ...casesFor(wholeFileWritingCases, makeEmpty, canWriteFile),
    ...casesFor(appendingCases, makeEmpty, canAppend),
    ...casesFor(timeCases, makeEmpty, canSetTimes),
    ...casesFor(modeCases, makeEmpty, canSetModes),
    ...casesFor(watchingCases, makeEmpty, canBeWatched),
    ...casesFor(resumingCases, makeEmpty, canResume),
    ...casesFor(uploadStatusCases, makeEmpty, canTellStatus),
  ];
}

function canRead(_storage: Storage): _storage is Storage {
  return true;
}

function canWriteFile(storage: Storage): storage is WholeFileStorage {
  return canWrite(storage) && storage.writeFile !== undefined;
}

function canResume(storage: Storage): storage is ResumableStorage {
  return canWrite(storage) && storage.resume !== undefined;
}

function canTellStatus(storage: Storage): storage is AskableStorage {
  return canResume(storage) && storage.uploadStatus !== undefined;
}

function canAppend(storage: Storage): storage is AppendableStorage {
  return canWrite(storage) && storage.append !== undefined;
}

function canBeWatched(storage: Storage): storage is WatchableStorage {
  return canWrite(storage) && storage.watch !== undefined;
}

function canSetTimes(storage: Storage): storage is TimedStorage {
  return canWrite(storage) && storage.utimes !== undefined;
}

function canSetModes(storage: Storage): storage is StorageWithModes {
  return canWrite(storage) && storage.chmod !== undefined;
}

/** Runs each case with a storage of its own. A case passes untested if the storage lacks an optional method. */
function casesFor<Kind extends Storage>(
  cases: StorageCases<Kind>,
  make: () => Promise<Storage>,
  isKind: (storage: Storage) => storage is Kind,
): ContractCase[] {
  return Object.entries(cases).map(([name, run]) => ({
    name,
    run: async () => {
      const storage = await make();
      try {
        if (isKind(storage)) await run(storage);
      } finally {
        await storage.close?.();
      }
    },
  }));
}

async function makeFilled(make: () => Promise<Storage> | Storage, readOnly: boolean): Promise<Storage> {
  if (!readOnly) {
    const storage = await makeWritable(make);
    await fillStorageFixture(storage);
    return storage;
  }
  const storage = await make();
  const found = writingMethods.filter((method) => storage[method] !== undefined);
  assert.deepEqual(found, [], 'A read-only storage must not have writing methods.');
  return storage;
}

async function makeWritable(make: () => Promise<Storage> | Storage): Promise<WritableStorage> {
  const storage = await make();
  const missing = requiredWritingMethods.filter((method) => storage[method] === undefined).join(', ');
  assert.ok(canWrite(storage), `The storage has no ${missing}. Set readOnly if it has no writing method.`);
  return storage;
}
