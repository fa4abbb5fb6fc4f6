/** Renames and copies of a file onto another name of itself: a hard link, or a spelling that the file system ignores. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { fileCalls, type FileCalls, type Stats } from '../../../../src/storage/directory/calls/file-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { at, codeOf, makePlace, textOf, walkings, type Place } from '../directory-fixture.js';

const replace = { overwrite: true };
const keep = { overwrite: false };

/** The names in a directory of the place. */
async function namesIn(place: Place, directory = ''): Promise<string[]> {
  const names = await fs.readdir(place.local(directory));
  return names.filter((name) => name !== '.socket-ftp').sort();
}

/** The calls of a file system that ignores case, and keeps the case of the first spelling, as a kernel does. */
function foldingCalls(): FileCalls {
  const stored = async (local: string): Promise<string> => {
    const directory = path.dirname(local);
    const names = await fs.readdir(directory).catch(() => []);
    const same = names.find((name) => name.toLowerCase() === path.basename(local).toLowerCase());
    return same === undefined ? local : `${directory}/${same}`;
  };
  return {
    ...fileCalls,
    lstat: async (local) => fileCalls.lstat(await stored(local)),
    lstatIfAny: async (local) => fileCalls.lstatIfAny(await stored(local)),
    open: async (local, flags, mode) => fileCalls.open(await stored(local), flags, mode),
    unlink: async (local) => fileCalls.unlink(await stored(local)),
    link: async (from, to) => fileCalls.link(await stored(from), await stored(to)),
    rename: async (from, to) => fileCalls.rename(await stored(from), await stored(to)),
  };
}

describe.each(walkings)('a rename onto a hard link of the file, walked by %s', (walking) => {
  it.each(['b', 'A', 'dir/b', 'dir/a'])('with overwrite leaves only the new name: %s', async (to) => {
    const place = await makePlace({ walking });
    const { storage } = place;
    await put(storage, 'a', 'content');
    await storage.mkdir(at('dir'), { recursive: false });
    await fs.link(place.local('a'), place.local(to));
    expect(await codeOf(storage.rename(at('a'), at(to), keep))).toBe('EEXIST');
    expect(await textOf(place.local('a'))).toBe('content');
    await storage.rename(at('a'), at(to), replace);
    expect(await textAt(storage, to)).toBe('content');
    expect(await namesIn(place)).toEqual(to.startsWith('dir') ? ['dir'] : [to, 'dir'].sort());
    expect((await fs.stat(place.local(to))).nlink).toBe(1);
  });

  it('keeps the other links of the file', async () => {
    const place = await makePlace({ walking });
    await put(place.storage, 'a', 'content');
    for (const name of ['b', 'c']) await fs.link(place.local('a'), place.local(name));
    await place.storage.rename(at('a'), at('b'), replace);
    expect(await namesIn(place)).toEqual(['b', 'c']);
    expect(await textOf(place.local('c'))).toBe('content');
  });

  it('loses no name of the file if a call fails', async () => {
    const unlink = vi.fn(fileCalls.unlink).mockRejectedValueOnce(Object.assign(new Error(), { code: 'EIO' }));
    const place = await makePlace({ walking });
    await put(place.storage, 'a', 'content');
    await fs.link(place.local('a'), place.local('b'));
    const storage = new DirectoryStorage(place.root, {}, { walking, calls: { ...fileCalls, unlink } });
    expect(await codeOf(storage.rename(at('a'), at('b'), replace))).toBe('EIO');
    expect(await namesIn(place)).toEqual(['a', 'b']);
  });

  it('stores the file that has replaced the source meanwhile', async () => {
    const calls = { ...fileCalls };
    const place = await makePlace({ walking, calls });
    await fs.writeFile(place.local('a'), 'older');
    await fs.link(place.local('a'), place.local('b'));
    calls.rename = async (from, to) => {
      calls.rename = fileCalls.rename;
      await fs.writeFile(place.local('new'), 'newer');
      await fs.rename(place.local('new'), from);
      return fileCalls.rename(from, to);
    };
    await place.storage.rename(at('a'), at('b'), replace);
    expect(await namesIn(place)).toEqual(['b']);
    expect(await textOf(place.local('b'))).toBe('newer');
  });

  it('that fails keeps a file that has taken the old name meanwhile', async () => {
    const calls = { ...fileCalls };
    const place = await makePlace({ walking, calls });
    await fs.writeFile(place.local('a'), 'content');
    await fs.link(place.local('a'), place.local('b'));
    calls.unlink = async () => {
      await fs.writeFile(place.local('a'), 'other');
      throw Object.assign(new Error(), { code: 'EIO' });
    };
    expect(await codeOf(place.storage.rename(at('a'), at('b'), replace))).toBe('EIO');
    expect(await textOf(place.local('a'))).toBe('other');
    expect(await textOf(place.local('b'))).toBe('content');
  });
});

describe('where inode numbers are not unique', () => {
  const sameInode = (stats: Stats): Stats => Object.assign(stats, { ino: stats.isFile() ? 7n : stats.ino });
  const calls: FileCalls = {
    ...fileCalls,
    lstat: async (local) => sameInode(await fileCalls.lstat(local)),
    lstatIfAny: async (local) => {
      const stats = await fileCalls.lstatIfAny(local);
      return stats && sameInode(stats);
    },
  };

  it.each(['b', 'A'])('a rename loses neither of two files: %s', async (to) => {
    const place = await makePlace({ calls });
    await fs.writeFile(place.local('a'), 'one');
    await fs.writeFile(place.local(to), 'other');
    expect(await codeOf(place.storage.rename(at('a'), at(to), keep))).toBe('EEXIST');
    expect(await textOf(place.local('a'))).toBe('one');
    expect(await textOf(place.local(to))).toBe('other');
    expect(await namesIn(place)).toEqual(['a', to].sort());
    await place.storage.rename(at('a'), at(to), replace);
    expect(await namesIn(place)).toEqual([to]);
    expect(await textOf(place.local(to))).toBe('one');
  });
});

it('a copy onto a hard link of the file becomes a file of its own', async () => {
  const place = await makePlace();
  const { storage } = place;
  await put(storage, 'a', 'content');
  await fs.link(place.local('a'), place.local('b'));
  expect(await codeOf(storage.copy(at('a'), at('b'), keep))).toBe('EEXIST');
  const copy = await storage.copy(at('a'), at('b'), replace);
  expect(copy.etag).not.toBe((await storage.stat(at('a'))).etag);
  await put(storage, 'a', 'changed');
  expect(await textAt(storage, 'b')).toBe('content');
});

describe('on a file system that ignores case', () => {
  it.each([keep, replace])('a rename changes the case of a file and of a directory: %j', async (options) => {
    const place = await makePlace({ calls: foldingCalls() });
    const { storage } = place;
    await put(storage, 'file', 'content');
    await storage.mkdir(at('dir'), { recursive: false });
    await put(storage, 'dir/inner', 'x');
    await storage.rename(at('file'), at('FILE'), options);
    await storage.rename(at('dir'), at('Dir'), options);
    expect(await namesIn(place)).toEqual(['Dir', 'FILE']);
    expect(await textOf(place.local('FILE'))).toBe('content');
    expect(await textOf(place.local('Dir', 'inner'))).toBe('x');
  });

  it('a rename changes the case of a file that has another link, and keeps the link', async () => {
    const place = await makePlace({ calls: foldingCalls() });
    await put(place.storage, 'file', 'content');
    await fs.link(place.local('file'), place.local('link'));
    await place.storage.rename(at('file'), at('File'), keep);
    expect(await namesIn(place)).toEqual(['File', 'link']);
    await place.storage.rename(at('FILE'), at('LINK'), replace);
    expect(await namesIn(place)).toEqual(['link']);
    expect(await textOf(place.local('link'))).toBe('content');
  });

  it('a rename by another spelling to the stored one loses nothing', async () => {
    const place = await makePlace({ calls: foldingCalls() });
    await put(place.storage, 'file', 'content');
    await fs.link(place.local('file'), place.local('other'));
    await place.storage.rename(at('FILE'), at('file'), replace);
    expect(await namesIn(place)).toEqual(['file', 'other']);
    expect(await textOf(place.local('file'))).toBe('content');
  });

  it('a copy onto another spelling of its name keeps one file', async () => {
    const place = await makePlace({ calls: foldingCalls() });
    await put(place.storage, 'file', 'content');
    expect(await codeOf(place.storage.copy(at('file'), at('FILE'), keep))).toBe('EEXIST');
    await place.storage.copy(at('file'), at('FILE'), replace);
    expect(await namesIn(place)).toEqual(['file']);
    expect(await textOf(place.local('file'))).toBe('content');
  });
});
