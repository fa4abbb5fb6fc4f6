/** What a directory storage reports while it works. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DirectoryStorage, parseRemotePath } from '../../../../src/index.js';
import { fileCalls, type FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { pauseTimeouts } from '../../../support/doubles/virtual-time.js';
import { coarseCalls, STAMP_MS } from '../coarse-calls.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';

const FILES = 50;

const tree = parseRemotePath('tree');

/** A directory with a tree of links, which no listing shows, and of empty directories. */
async function treeOf(make: (name: string) => Promise<unknown>): Promise<string> {
  const root = await temporaryDirectory();
  await fs.mkdir(path.join(root, 'tree'));
  for (let index = 0; index < FILES; index += 1) await make(path.join(root, 'tree', `n${index}`));
  return root;
}

/** Counts the calls of `onProgress` during work. */
async function stepsOf(work: (onProgress: () => void) => Promise<void>): Promise<number> {
  let steps = 0;
  await work(() => (steps += 1));
  return steps;
}

describe('a directory storage reports progress', () => {
  it('for each file of a tree that it removes', async () => {
    const root = await treeOf((file) => fs.writeFile(file, ''));
    const storage = new DirectoryStorage(root);
    const steps = await stepsOf((onProgress) => storage.remove(tree, { recursive: true, onProgress }));
    expect(steps).toBeGreaterThanOrEqual(FILES);
  });

  it.runIf(process.platform === 'linux')(
    'for each name that is not UTF-8 in a tree that it removes',
    async () => {
      const bytesOf = (name: string): Buffer => Buffer.concat([Buffer.from(name), Buffer.of(0xff)]);
      const root = await treeOf((file) => fs.writeFile(bytesOf(file), ''));
      const storage = new DirectoryStorage(root);
      const steps = await stepsOf((onProgress) => storage.remove(tree, { recursive: true, onProgress }));
      // Once for the attempt by text, and once for the removal by bytes.
      expect(steps).toBeGreaterThanOrEqual(2 * FILES);
    },
  );

  it.each([
    ['names that no listing shows', (name: string) => fs.symlink('nowhere', name)],
    ['empty directories', (name: string) => fs.mkdir(name)],
  ])('for each of many %s in a listing', async (_what, make) => {
    const storage = new DirectoryStorage(await treeOf(make));
    const steps = await stepsOf(async (onProgress) => {
      const entries = storage.list(tree, { recursive: true, onProgress });
      for await (const { path: listed } of entries) expect(listed).toMatch(/^tree\/n/);
    });
    expect(steps).toBeGreaterThanOrEqual(FILES);
  });

  it.each(['copy', 'append'] as const)(
    'while the target of a %s grows, and not while it stands still',
    async (op) => {
      const root = await temporaryDirectory();
      await fs.writeFile(path.join(root, 'file'), 'content');
      let steps = 0;
      let size = 0n;
      const seen: number[] = [];
      const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      const calls: FileCalls = {
        ...fileCalls,
        fstat: async (fd) => Object.assign(await fileCalls.fstat(fd), size > 0n && { size }),
        copyFile: async (from, to, flags) => {
          await turn();
          for (const grown of [1n, 2n, 2n, 2n, 3n]) {
            size = grown;
            vi.advanceTimersByTime(1_000);
            for (let turns = 0; turns < 20; turns += 1) await turn();
            await fs.stat(root);
            seen.push(steps);
          }
          size = 0n;
          await fileCalls.copyFile(from, to, flags);
        },
      };
      const storage = new DirectoryStorage(root, {}, { calls });
      const file = parseRemotePath('file');
      const onProgress = (): void => void (steps += 1);
      pauseTimeouts();
      if (op === 'copy') await storage.copy(file, parseRemotePath('other'), { overwrite: false, onProgress });
      else await (await storage.append(file, { overwrite: true, onProgress })).discard();
      if (process.platform !== 'linux') expect(steps).toBeGreaterThan(0);
      else expect(seen).toEqual([1, 2, 2, 2, 3]);
    },
  );

  it('for each piece of a file that it compares with its copy, before and at the commit of an append', async () => {
    const root = await temporaryDirectory();
    await fs.writeFile(path.join(root, 'file'), Buffer.alloc(2 ** 21));
    vi.spyOn(Date, 'now').mockReturnValue(STAMP_MS);
    const storage = new DirectoryStorage(root, {}, { calls: coarseCalls });
    const file = parseRemotePath('file');
    const ifMatch = (await storage.stat(file)).etag;
    let steps = 0;
    const onProgress = (): void => void (steps += 1);
    const pending = await storage.append(file, { overwrite: true, ifMatch, onProgress });
    expect(steps).toBeGreaterThanOrEqual(8);
    steps = 0;
    await pending.commit();
    expect(steps).toBeGreaterThanOrEqual(8);
  });
});
