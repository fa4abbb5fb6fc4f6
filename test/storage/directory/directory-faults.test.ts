import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import { bytesAt } from '../../../src/contracts/storage/storage-fixture.js';
import type { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import type { Walking } from '../../../src/storage/directory/walk/path-resolver.js';
import { at, listed, makePlace, openIn, partsIn, textOf, walkings, type Place } from './directory-fixture.js';
import { FailingCalls } from './failing-calls.js';

const older = 'older';
const newer = 'newer, and longer';

/** A request of which every file system call fails once, and the possible trees afterwards. */
interface Request {
  readonly run: (storage: DirectoryStorage) => Promise<unknown>;
  /** Every file that may be there afterwards, by `path=content`: in full before, or in full after. */
  readonly outcomes: readonly (readonly string[])[];
}

const before = [`folder/a=${older}`, 'folder/b=b'];

const requests: Record<string, Request> = {
  'an upload over a file': {
    run: (storage) => upload(storage, 'folder/a', true),
    outcomes: [before, [`folder/a=${newer}`, 'folder/b=b']],
  },
  'an upload of a new file': {
    run: (storage) => upload(storage, 'folder/new', false),
    outcomes: [before, [...before, `folder/new=${newer}`]],
  },
  'a copy': {
    run: (storage) => storage.copy(at('folder/a'), at('folder/b'), { overwrite: true }),
    outcomes: [before, [`folder/a=${older}`, `folder/b=${older}`]],
  },
  'an append': {
    run: async (storage) => {
      const pending = await storage.append(at('folder/a'), { overwrite: true });
      await pending.write([Buffer.from(' and more')]);
      return pending.commit();
    },
    outcomes: [before, [`folder/a=${older} and more`, 'folder/b=b']],
  },
  'a modification time': {
    run: (storage) => storage.utimes(at('folder/a'), new Date(0)),
    outcomes: [before],
  },
  'a renaming': {
    run: (storage) => storage.rename(at('folder/b'), at('new'), { overwrite: false }),
    outcomes: [before, [`folder/a=${older}`, 'new=b']],
  },
  'a removal': {
    run: (storage) => storage.remove(at('folder'), { recursive: true }),
    outcomes: [before, [`folder/a=${older}`], ['folder/b=b'], []],
  },
  'a directory': {
    run: (storage) => storage.mkdir(at('folder/x/y'), { recursive: true }),
    outcomes: [before],
  },
  'a download': { run: (storage) => bytesAt(storage, 'folder/a'), outcomes: [before] },
  'a listing': { run: (storage) => listed(storage), outcomes: [before] },
};

describe.each(walkings)('when a call of the file system fails, walked by %s', (walking) => {
  for (const [name, request] of Object.entries(requests)) {
    it(`${name} fails, and leaves all or nothing of itself`, async () => {
      const { made } = await attempt(request, { nth: 0, code: 'EIO', walking });
      expect(made.length).toBeGreaterThan(3);
      for (let nth = 1; nth <= made.length; nth++) {
        for (const code of ['EIO', 'ENOSPC', 'EMFILE']) await attempt(request, { nth, code, walking });
      }
    });
  }

  it('an upload keeps the older file if a call before the rename fails', async () => {
    const request = requests['an upload over a file']!;
    const { made } = await attempt(request, { nth: 0, code: 'EIO', walking });
    for (let nth = 1; nth <= made.indexOf('rename') + 1; nth++) {
      const { error, place } = await attempt(request, { nth, code: 'EIO', walking });
      if (error) expect(await textOf(place.local('folder', 'a'))).toBe(older);
    }
  });
});

describe('a failed upload', () => {
  it.each(['futimes', 'fsync', 'close', 'writev', 'rename'] as const)('fails if %s fails', async (name) => {
    const counting = new FailingCalls(0);
    await upload((await filledPlace(counting, undefined)).storage, 'folder/a', true);
    const failing = new FailingCalls(
      counting.made.indexOf(name, counting.made.indexOf('writev')) + 1,
      'ENOSPC',
    );
    const { storage, local } = await filledPlace(failing, undefined);
    await expect(upload(storage, 'folder/a', true)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(failing.failed).toBe(name);
    expect(await partsIn(local('folder'))).toEqual([]);
  });

  it('has a clear message if the file system refuses the rename', async () => {
    const failing = new FailingCalls(0);
    failing.calls.rename = () => Promise.reject(Object.assign(new Error('EXDEV'), { code: 'EXDEV' }));
    const { storage, local } = await filledPlace(failing, undefined);
    await expect(upload(storage, 'folder/a', true)).rejects.toMatchObject({
      code: 'EXDEV',
      message: expect.stringContaining('devices, mounts and layers'),
    });
    expect(await partsIn(local('folder'))).toEqual([]);
  });

  it('is not considered complete when writes are short', async () => {
    const failing = new FailingCalls(0);
    const { writev } = failing.calls;
    failing.calls.writev = (fd, [first = new Uint8Array()]) => writev(fd, [first.subarray(0, 3)]);
    const { storage, local } = await filledPlace(failing, undefined);
    const pending = await storage.write(at('file'), { overwrite: true });
    await pending.write([Buffer.from('many '), Buffer.from('short '), Buffer.from('writes')]);
    await pending.commit();
    expect(await textOf(local('file'))).toBe('many short writes');
  });
});

async function upload(storage: DirectoryStorage, path: string, overwrite: boolean): Promise<void> {
  const pending = await storage.write(at(path), { overwrite, mtime: new Date(0) });
  await pending.write([Buffer.from(newer)]);
  await pending.commit();
}

interface Attempt {
  readonly nth: number;
  readonly code: string;
  readonly walking: Walking;
}

/** Runs a request whose `nth` call fails, and asserts the invariants of all of them. */
async function attempt(
  { run, outcomes }: Request,
  { nth, code, walking }: Attempt,
): Promise<{ made: readonly string[]; error: unknown; place: Place }> {
  const failing = new FailingCalls(nth, code);
  const place = await filledPlace(failing, walking);
  const error = await run(place.storage).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const made = [...failing.made];
  if (error !== undefined) {
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ code, cause: { code } });
    expect((error as Error).message).not.toContain(place.root);
  }
  expect(await openIn(place.root), `after ${failing.failed}`).toEqual([]);
  expect((await partsIn(place.local('folder'))) ?? []).toEqual(leftParts(failing, error));
  expect(outcomes).toContainEqual(await contents(place));
  return { made, error, place };
}

/** A part may stay only if removing it was what failed, and then nothing else did. */
function leftParts(failing: FailingCalls, error: unknown): unknown {
  return failing.failed === 'unlink' && error === undefined
    ? expect.toSatisfy((parts: string[]) => parts.length <= 1)
    : [];
}

async function filledPlace(failing: FailingCalls, walking: Walking | undefined): Promise<Place> {
  const place = await makePlace({ walking, calls: failing.calls });
  await mkdir(place.local('folder'));
  await writeFile(place.local('folder', 'a'), older);
  await writeFile(place.local('folder', 'b'), 'b');
  return place;
}

async function contents({ local }: Place): Promise<string[]> {
  const found: string[] = [];
  for (const name of ['folder/a', 'folder/b', 'folder/new', 'new']) {
    const text = await textOf(local(...name.split('/')));
    if (text !== undefined) found.push(`${name}=${text}`);
  }
  return found;
}
