/** A client repeats a change that failed with a retryable error: such a failure must have changed nothing. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import type { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { at, makePlace, textOf, walkings, type Place } from './directory-fixture.js';
import { FailingCalls } from './failing-calls.js';

const uploadId = '0123456789abcdef0123456789abcdef';

const changes: Record<string, (storage: DirectoryStorage) => Promise<unknown>> = {
  'an upload over a file': (storage) => upload(storage, 'folder/a', true),
  'an upload of a new file': (storage) => upload(storage, 'folder/new', false),
  'a whole file': async (storage) =>
    storage.writeFile(at('folder/a'), [Buffer.from('new')], { overwrite: true }),
  'a new whole file': async (storage) =>
    storage.writeFile(at('folder/new'), [Buffer.from('new')], { overwrite: false }),
  'an append': async (storage) => {
    const pending = await storage.append(at('folder/a'), { overwrite: true });
    await pending.write([Buffer.from(' and more')]);
    await pending.commit();
  },
  'a copy': (storage) => storage.copy(at('folder/a'), at('folder/b'), { overwrite: true }),
  'a modification time': (storage) => storage.utimes(at('folder/a'), new Date(0)),
  'a renaming': (storage) => storage.rename(at('folder/b'), at('new'), { overwrite: false }),
  'a renaming over a file': (storage) => storage.rename(at('folder/b'), at('folder/a'), { overwrite: true }),
  'a renaming of a directory': (storage) => storage.rename(at('folder'), at('new'), { overwrite: false }),
  'a removal': (storage) => storage.remove(at('folder/a'), { recursive: false }),
  'a removal of a directory': (storage) => storage.remove(at('empty'), { recursive: false }),
  'a directory': (storage) => storage.mkdir(at('folder/x'), { recursive: false }),
};

describe.each(walkings)('a retryable failure, walked by %s', (walking) => {
  it.each(Object.entries(changes))('of %s has changed nothing', async (_name, change) => {
    let failures = 0;
    for (let nth = 1; ; nth++) {
      const failing = new FailingCalls(nth, 'EMFILE');
      const place = await filledPlace(failing, walking);
      const before = await stateOf(place);
      const error = await change(place.storage).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (failing.failed === undefined) break;
      if (!(error instanceof TransferError) || !error.retryable) continue;
      failures += 1;
      expect(await stateOf(place), `after ${failing.failed}, call ${nth}`).toEqual(before);
    }
    expect(failures).toBeGreaterThan(0);
  });
});

it('an upload whose flush fails after it got its name stays committed under its id', async () => {
  let committed = 0;
  for (let nth = 1; ; nth++) {
    const failing = new FailingCalls(nth, 'EMFILE');
    const place = await filledPlace(failing, undefined);
    const error = await upload(place.storage, 'folder/a', true).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (failing.failed === undefined) break;
    if (error === undefined || (await textOf(place.local('folder', 'a'))) === 'a') continue;
    committed += 1;
    expect(error).toMatchObject({ code: 'EMFILE', retryable: false, outcomeUnknown: true });
    const found = await place.storage.resume(at('folder/a'), { overwrite: true, uploadId });
    expect(found, `after ${failing.failed}, call ${nth}`).toMatchObject({ kind: 'committed' });
  }
  expect(committed).toBeGreaterThan(1);
});

async function upload(storage: DirectoryStorage, path: string, overwrite: boolean): Promise<void> {
  const pending = await storage.write(at(path), { overwrite, mtime: new Date(0), uploadId });
  await pending.write([Buffer.from('new')]);
  await pending.commit('crc32:0');
}

async function filledPlace(
  failing: FailingCalls,
  walking: (typeof walkings)[number] | undefined,
): Promise<Place> {
  const place = await makePlace({ walking, calls: failing.calls });
  await mkdir(place.local('folder'));
  await mkdir(place.local('empty'));
  await writeFile(place.local('folder', 'a'), 'a');
  await writeFile(place.local('folder', 'b'), 'b');
  return place;
}

async function stateOf({ local }: Place): Promise<unknown> {
  const files = ['folder/a', 'folder/b', 'folder/new', 'new', 'new/a'];
  const texts = files.map((name) => textOf(local(...name.split('/'))).catch(() => undefined));
  const exists = ['folder', 'empty', 'folder/x', 'new'].map((name) =>
    stat(local(...name.split('/'))).then(
      () => true,
      () => false,
    ),
  );
  const time = stat(local('folder', 'a')).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  return Promise.all([...texts, ...exists, time]);
}
