/** Values that must not grow with the number of files: memory during a request, and the calls for each file. */
import type { Dir, Dirent } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../src/storage/directory/calls/file-calls.js';
import { at, makePlace, walkings } from './directory-fixture.js';

const WIDTH = 600;

/** A directory that says it holds so many parts. */
function manyParts(count: number): Dir {
  let given = 0;
  const read = async (): Promise<Dirent | null> => {
    if (given === count) return null;
    return {
      name: `${(given++).toString(16).padStart(32, '0')}.part`,
      isFile: () => true,
    } as unknown as Dirent;
  };
  return { read, close: async () => undefined } as unknown as Dir;
}

describe.each(walkings)('a wide tree, walked by %s', (walking) => {
  it('is walked as it is read: the names of only a few directories are in memory', async () => {
    const { storage, local } = await makePlace({ walking });
    for (let index = 0; index < WIDTH; index++) {
      await mkdir(local(`directory ${index}`));
      await writeFile(local(`directory ${index}`, 'file'), '');
    }
    let waiting = 0;
    let most = 0;
    for await (const { kind } of storage.list(at(''), { recursive: true })) {
      waiting += kind === 'directory' ? 1 : -1;
      most = Math.max(most, waiting);
    }
    expect(waiting).toBe(0);
    expect(most).toBeLessThanOrEqual(16);
  });

  it('is listed with a constant number of calls for each directory', async () => {
    const callsOf = async (width: number): Promise<number> => {
      let calls = 0;
      const counted = Object.entries(fileCalls).map(([name, call]) => [
        name,
        (...args: never[]) => {
          calls += 1;
          return (call as (...args: never[]) => unknown)(...args);
        },
      ]);
      const { storage, local } = await makePlace({
        walking,
        calls: Object.fromEntries(counted) as FileCalls,
      });
      for (let index = 0; index < width; index++) await mkdir(local(String(index)));
      calls = 0;
      for await (const _ of storage.list(at(''), { recursive: true }));
      return calls / width;
    };
    const [few, many] = [await callsOf(32), await callsOf(WIDTH)];
    expect(many).toBeLessThan(few * 1.2);
  });
});

// Some seconds of work for a processor: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 120_000 });

it('a sweep removes the excess, even if it is a hundred thousand parts and more', async () => {
  const { root, local } = await makePlace();
  const count = 200_000;
  const own = new Set<string>();
  const removed = new Set<string>();
  await mkdir(local('.socket-ftp'), { mode: 0o700 });
  const any = await fileCalls.lstat(local('.socket-ftp'));
  const calls: FileCalls = {
    ...fileCalls,
    opendir: async () => manyParts(count),
    open: (name, ...rest) => {
      own.add(path.basename(name));
      return fileCalls.open(name, ...rest);
    },
    // The part of the upload itself exists; the others only seem to.
    lstat: async (name) =>
      /\.(part|done)$/.test(name) && !own.has(path.basename(name))
        ? Object.assign(any, { isFile: () => true })
        : fileCalls.lstat(name),
    unlink: async (name) => void removed.add(path.basename(name)),
  };
  const storage = new DirectoryStorage(root, { maxSuspendedUploads: 10 }, { calls });
  await (await storage.write(at('file'), { overwrite: true })).commit();
  expect([...removed].filter((name) => name.endsWith('.part'))).toHaveLength(count - 9);
});
