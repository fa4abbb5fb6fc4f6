/**
 * What every storage must do, as cases that any test runner can run:
 *
 *     for (const { name, run } of storageContract(() => new MyStorage())) test(name, run);
 */
import assert from 'node:assert/strict';
import type { Storage } from '../../storage/storage.js';
import type { ContractCase } from '../contract-case.js';
import type { StorageCase } from './storage-case.js';
import { appendingCases, type AppendableStorage } from './appending-cases.js';
import { changingCases } from './changing-cases.js';
import { concurrencyCases } from './concurrency-cases.js';
import { canWrite, fillStorageFixture, writingMethods, type WritableStorage } from './storage-fixture.js';
import { readingCases } from './reading-cases.js';
import { resumingCases, type ResumableStorage } from './resuming-cases.js';
import { wholeFileReadingCases, wholeFileWritingCases, type WholeFileStorage } from './whole-files.js';
import { timeCases, type TimedStorage } from './time-cases.js';
import { writingCases } from './writing-cases.js';

/** How the contract of a storage is tried. */
export interface StorageContractOptions {
  /** Whether the storage has no methods that write; then only what reads is tried. Default: `false`. */
  readonly readOnly?: boolean;
}

/**
 * The contract of a storage as cases for any test runner.
 *
 * @param make - makes a storage for each case, which is closed afterwards: an empty one or, if it is read-only, one
 * that was filled by `fillStorageFixture`
 */
export function storageContract(
  make: () => Promise<Storage> | Storage,
  { readOnly = false }: StorageContractOptions = {},
): ContractCase[] {
  const reading = [...readingCases, ...wholeFileReadingCases].map((one) =>
    toContractCase(one, () => makeFilled(make, readOnly)),
  );
  if (readOnly) return reading;
  const writing = [...writingCases, ...changingCases, ...concurrencyCases];
  return [
    ...reading,
    ...writing.map((one) => toContractCase(one, () => makeWritable(make))),
    ...wholeFileWritingCases.map((one) => toContractCase(where(storesWhole, one), () => makeWritable(make))),
    ...appendingCases.map((one) => toContractCase(where(canAppend, one), () => makeWritable(make))),
    ...timeCases.map((one) => toContractCase(where(setsTimes, one), () => makeWritable(make))),
    ...resumingCases.map((one) => toContractCase(where(canResume, one), () => makeWritable(make))),
  ];
}

/** A case for storages that have an optional method; of others it asks nothing. */
function where<Kind extends WritableStorage>(
  isKind: (storage: WritableStorage) => storage is Kind,
  { name, run }: StorageCase<Kind>,
): StorageCase<WritableStorage> {
  return {
    name,
    run: async (storage) => {
      if (isKind(storage)) await run(storage);
    },
  };
}

function storesWhole(storage: WritableStorage): storage is WholeFileStorage {
  return storage.writeFile !== undefined;
}

function canResume(storage: WritableStorage): storage is ResumableStorage {
  return storage.resume !== undefined;
}

function canAppend(storage: WritableStorage): storage is AppendableStorage {
  return storage.append !== undefined;
}

function setsTimes(storage: WritableStorage): storage is TimedStorage {
  return storage.utimes !== undefined;
}

function toContractCase<Kind extends Storage>(
  { name, run }: StorageCase<Kind>,
  make: () => Promise<Kind>,
): ContractCase {
  return {
    name,
    run: async () => {
      const storage = await make();
      try {
        await run(storage);
      } finally {
        await storage.close?.();
      }
    },
  };
}

async function makeFilled(make: () => Promise<Storage> | Storage, readOnly: boolean): Promise<Storage> {
  if (!readOnly) {
    const storage = await makeWritable(make);
    await fillStorageFixture(storage);
    return storage;
  }
  const storage = await make();
  const found = writingMethods.filter((method) => storage[method] !== undefined);
  assert.deepEqual(found, [], 'A read-only storage has no method that writes.');
  return storage;
}

async function makeWritable(make: () => Promise<Storage> | Storage): Promise<WritableStorage> {
  const storage = await make();
  assert.ok(canWrite(storage), 'The storage lacks a method that writes.');
  return storage;
}
