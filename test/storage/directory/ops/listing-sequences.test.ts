/** Listings by synchronous sequences: the same entries as by threads, in turns that leave time for other work. */
import fs from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NamesReader } from '../../../../src/storage/directory/calls/names-reader.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { syncCalls } from '../../../../src/storage/directory/calls/sync-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { FileEntry } from '../../../../src/protocol/entry.js';
import { everyCallIsShort } from '../../../support/local-files/open-gate.js';
import { at, makeFifo, makePlace, openIn, type Place } from '../directory-fixture.js';
import { FailingCalls } from '../failing-calls.js';

beforeEach(everyCallIsShort);

const isLinux = process.platform === 'linux';

async function sequencePlace(isLocal: () => boolean = () => true): Promise<Place & { byThreads: string[] }> {
  const { calls: threads, made: byThreads } = new FailingCalls(0);
  const place = await makePlace({ calls: syncCalls(threads, { isLocal }), walking: 'handles' });
  return { ...place, byThreads };
}

async function entriesOf(storage: DirectoryStorage, recursive = true): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for await (const entry of storage.list(at(''), { recursive })) entries.push(entry);
  return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function makeTree(local: Place['local'], width: number): void {
  for (let index = 0; index < width; index++) {
    fs.mkdirSync(local(`directory ${index}`, 'below'), { recursive: true });
    fs.writeFileSync(local(`directory ${index}`, 'file'), String(index));
    fs.writeFileSync(local(`directory ${index}`, 'below', 'file'), '');
  }
}

describe.skipIf(!isLinux)('a listing by sequences', () => {
  it('has the entries of a listing by threads', async () => {
    const { storage, root, outside, local } = await sequencePlace();
    makeTree(local, 40);
    for (let index = 0; index < 700; index++) fs.writeFileSync(local(`${'long '.repeat(20)}${index}`), '');
    fs.symlinkSync(outside, local('link'));
    fs.mkdirSync(local('.socket-ftp'));
    fs.writeFileSync(local('.socket-ftp', 'part'), '');
    fs.writeFileSync(local('back\\slash'), '');
    await makeFifo(local('fifo'));
    const byThreads = new DirectoryStorage(root, { fileCalls: 'threads' });
    for (const recursive of [true, false])
      expect(await entriesOf(storage, recursive)).toEqual(await entriesOf(byThreads, recursive));
    expect(await entriesOf(storage)).toHaveLength(40 * 4 + 700);
    expect(await openIn(root)).toEqual([]);
  });

  it('leaves nothing to threads', async () => {
    const { storage, local, byThreads } = await sequencePlace();
    makeTree(local, 10);
    await storage.stat(at('directory 0'));
    byThreads.length = 0;
    expect(await entriesOf(storage)).toHaveLength(40);
    expect(byThreads).toEqual([]);
  });

  it('lets other work run between its parts', async () => {
    const { storage, local } = await sequencePlace();
    for (let index = 0; index < 3000; index++) fs.writeFileSync(local(String(index)), '');
    let turns = 0;
    let ended = false;
    const count = (): void => {
      turns += 1;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    expect(await entriesOf(storage)).toHaveLength(3000);
    ended = true;
    // At most 512 calls in a turn, and as many as one part makes.
    expect(turns).toBeGreaterThan(5);
  });

  it('goes over to threads and back where the files are no longer known to be local', async () => {
    let calls = 0;
    const { storage, local, root } = await sequencePlace(() => calls++ % 7 < 4);
    makeTree(local, 30);
    for (let index = 0; index < 700; index++) fs.writeFileSync(local(`${'long '.repeat(20)}${index}`), '');
    const expected = await entriesOf(new DirectoryStorage(root, { fileCalls: 'threads' }));
    expect(await entriesOf(storage)).toEqual(expected);
    expect(await openIn(root)).toEqual([]);
  });

  it('closes its directories when it is left', async () => {
    const { storage, local, root } = await sequencePlace();
    makeTree(local, 20);
    for (let index = 0; index < 700; index++) fs.writeFileSync(local(`${'long '.repeat(20)}${index}`), '');
    for await (const _ of storage.list(at(''), { recursive: true })) break;
    expect(await openIn(root)).toEqual([]);
  });

  it('gives each entry to one of the calls that overlap', async () => {
    const { storage, local } = await sequencePlace();
    makeTree(local, 3);
    const iterator = storage.list(at(''), { recursive: true })[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 14 }, () => iterator.next()));
    const paths = results.flatMap(({ value, done }) => (done ? [] : [value.path]));
    expect(new Set(paths).size).toBe(12);
    expect(paths).toHaveLength(12);
  });
});

describe('the names of a directory', () => {
  it('are read a few hundred at a time, once a small one has proved to be large', async () => {
    const { root, local } = await makePlace();
    const count = 5001;
    for (let index = 0; index < count; index++) fs.writeFileSync(local(String(index)), '');
    const stat = vi.spyOn(fs, 'statSync').mockReturnValue({ size: 0n } as never);
    const whole = vi.spyOn(fs, 'readdirSync');
    const sizes = { areWrong: false };
    try {
      for (let attempt = 0; attempt < 2; attempt++) {
        const reader = new NamesReader(fileCalls, root, sizes);
        let names = 0;
        while (reader.readSync()) names += 1;
        reader.closeSync();
        expect(names).toBe(count);
      }
      expect(sizes.areWrong).toBe(true);
      expect(whole).toHaveBeenCalledOnce();
    } finally {
      stat.mockRestore();
      whole.mockRestore();
    }
  });
});
