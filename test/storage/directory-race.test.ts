import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesAt } from '../../src/contracts/storage-fixture.js';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import { at, codeOf, listed, makePlace, openIn, type Place } from './directory-fixture.js';

/** What may be said of a path that is now a directory, now a link, and sometimes nothing. */
const expected = [undefined, 'ELOOP', 'ENOENT', 'ENOTDIR', 'EEXIST'];

describe.runIf(process.platform === 'linux')('rsync: check-then-use races', () => {
  it('never lead outside, while a directory and a link change places all the time', async () => {
    const place = await makePlace();
    await swapForEver(place);
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 250; round++) {
      const reads = Array.from({ length: 8 }, () => contentOrCode(place.storage));
      for (const outcome of await Promise.all(reads)) seen.add(outcome);
    }
    // Without the first two the race was none.
    expect([...seen]).toEqual(expect.arrayContaining(['public', 'ELOOP']));
    expect(['public', ...expected]).toEqual(expect.arrayContaining([...seen]));
    expect(await openIn(place.root)).toEqual([]);
  });

  it('neither write, list nor remove anything outside', async () => {
    const place = await makePlace();
    await swapForEver(place);
    const storage = new DirectoryStorage(place.root, { durability: 'none' });
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 200; round++) {
      const codes = await Promise.all([
        codeOf(writeNew(storage, `folder/${round}`)),
        codeOf(storage.mkdir(at(`folder/made-${round}`), { recursive: true })),
        codeOf(storage.remove(at('folder/secret'), { recursive: true })),
      ]);
      for (const code of codes) seen.add(code);
      expect((await listed(storage)).filter((name) => name.includes('secret'))).toEqual([]);
    }
    expect([...seen]).toContain('ELOOP');
    expect(expected).toEqual(expect.arrayContaining([...seen]));
    expect(await readdir(place.outside)).toEqual(['file', 'secret']);
  });
});

async function contentOrCode(storage: DirectoryStorage): Promise<string | undefined> {
  let content = '';
  const code = await codeOf(bytesAt(storage, 'folder/file').then((bytes) => (content = bytes.toString())));
  return code ?? content;
}

async function writeNew(storage: DirectoryStorage, name: string): Promise<void> {
  const pending = await storage.write(at(name), { overwrite: true });
  await pending.write([Buffer.from('x')]);
  await pending.commit();
}

/** Lets a thread put a link to the outside in the place of `folder`, and back, until the test ends. */
async function swapForEver({ local, outside }: Place): Promise<void> {
  await mkdir(local('folder'));
  await writeFile(local('folder', 'file'), 'public');
  await writeFile(path.join(outside, 'file'), 'secret');
  await writeFile(path.join(outside, 'secret'), 'secret');
  await symlink(outside, local('link'));
  const source = `
    const { renameSync } = require('node:fs');
    const { parentPort, workerData } = require('node:worker_threads');
    const { folder, link, away, stop } = workerData;
    parentPort.postMessage('swapping');
    const linger = () => {
      for (const end = performance.now() + Math.random() * 0.1; performance.now() < end; );
    };
    while (Atomics.load(stop, 0) === 0) {
      renameSync(folder, away);
      renameSync(link, folder);
      linger();
      renameSync(folder, link);
      renameSync(away, folder);
      linger();
    }`;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { folder: local('folder'), link: local('link'), away: local('away'), stop };
  const worker = new Worker(source, { eval: true, workerData });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  onTestFinished(async () => {
    Atomics.store(stop, 0, 1);
    await ended;
  });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}
