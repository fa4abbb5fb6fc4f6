/** Listings in batches: for the server's own code as arrays, for every other caller one by one. */
import { describe, expect, it } from 'vitest';
import type { FileEntry } from '../../../src/protocol/entry.js';
import { parseRemotePath, REMOTE_ROOT } from '../../../src/protocol/remote-path.js';
import { batchesOf, EntriesOfBatches } from '../../../src/protocol/listings/entries-of-batches.js';
import type { Storage } from '../../../src/storage/storage.js';
import { readOnly } from '../../../src/storage/wrappers/read-only.js';
import { subStorage } from '../../../src/storage/wrappers/sub-storage.js';

const names = ['a', 'b', 'c', 'd', 'e'];

function entry(name: string): FileEntry {
  return { path: parseRemotePath(name), kind: 'file', size: 1, mtime: new Date(0) };
}

async function sizesOf(entries: AsyncIterable<FileEntry>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { length } of batchesOf(entries)) sizes.push(length);
  return sizes;
}

async function* lone(onReturn: () => void): AsyncGenerator<FileEntry> {
  try {
    for (const name of names) yield entry(name);
  } finally {
    onReturn();
  }
}

async function* pairs(onReturn: () => void, prefix = ''): AsyncGenerator<readonly FileEntry[]> {
  try {
    for (let index = 0; index < names.length; index += 2)
      yield names.slice(index, index + 2).map((name) => entry(prefix + name));
  } finally {
    onReturn();
  }
}

describe('the entries of a listing', () => {
  it('come in the batches in which they were read', async () => {
    expect(await sizesOf(new EntriesOfBatches(() => pairs(() => undefined)))).toEqual([2, 2, 1]);
  });

  it('come one by one from a storage without batches', async () => {
    expect(await sizesOf(lone(() => undefined))).toEqual([1, 1, 1, 1, 1]);
  });

  it.each([
    ['batches', (onReturn: () => void) => new EntriesOfBatches(() => pairs(onReturn))],
    ['entries', lone],
  ])('are not read further by a caller that has left a listing of %s', async (_, listing) => {
    let ends = 0;
    const iterator = batchesOf(listing(() => (ends += 1)))[Symbol.asyncIterator]();
    await iterator.next();
    expect(ends).toBe(0);
    await iterator.return?.();
    expect(ends).toBe(1);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('stay in batches behind the wrappers of a storage', async () => {
    const storage: Storage = {
      stat: async () => ({ path: REMOTE_ROOT, kind: 'directory', size: 0, mtime: new Date(0) }),
      read: async () => Promise.reject(new Error('no file is read')),
      list: () => new EntriesOfBatches(() => pairs(() => undefined, 'inner/')),
    };
    const wrapped = readOnly(subStorage(storage, 'inner'));
    const listing = wrapped.list(REMOTE_ROOT, { recursive: false });
    expect(await sizesOf(listing)).toEqual([2, 2, 1]);
    const listed: string[] = [];
    for await (const { path } of listing) listed.push(path);
    expect(listed).toEqual(names);
  });
});
