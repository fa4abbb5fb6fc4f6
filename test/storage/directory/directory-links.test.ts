import { link, lstat, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { fileCalls } from '../../../src/storage/directory/calls/file-calls.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import {
  at,
  codeOf,
  listed,
  makeFifo,
  makePlace,
  textOf,
  walkings,
  type Place,
} from './directory-fixture.js';

const replace = { overwrite: true };
const posix = describe.skipIf(process.platform === 'win32');

posix.each(walkings)('ftp-srv, rsync, tus: links lead nowhere, walked by %s', (walking) => {
  let place: Place;
  let storage: DirectoryStorage;

  beforeEach(async () => {
    place = await makePlace({ walking });
    ({ storage } = place);
    await writeFile(path.join(place.outside, 'secret'), 'secret');
    await mkdir(path.join(place.outside, 'inner'));
    await writeFile(path.join(place.outside, 'inner', 'secret'), 'secret');
    await mkdir(place.local('folder'));
    await writeFile(place.local('file'), 'file');
    await symlink(path.join(place.outside, 'secret'), place.local('leaf'));
    await symlink(place.outside, place.local('way'));
    await symlink(place.outside, place.local('folder', 'way'));
    await symlink('file', place.local('harmless'));
    await symlink('nowhere', place.local('dangling'));
  });

  it.each(['leaf', 'way', 'harmless', 'dangling', 'way/secret', 'way/inner/secret', 'folder/way/secret'])(
    'every operation on %s fails with ELOOP, except removing a link',
    async (name) => {
      const answers = await Promise.all([
        codeOf(storage.stat(at(name))),
        codeOf(storage.read(at(name))),
        codeOf(storage.write(at(name), replace)),
        codeOf(storage.rename(at(name), at('new'), replace)),
        codeOf(storage.rename(at('file'), at(name), replace)),
        codeOf(storage.copy(at(name), at('new'), replace)),
        codeOf(storage.copy(at('file'), at(name), replace)),
        codeOf(listed(storage, name)),
      ]);
      expect(answers).toEqual(answers.map(() => 'ELOOP'));
    },
  );

  it.each([true, false])('a link is removed, and not what it leads to: recursive %s', async (recursive) => {
    for (const name of ['leaf', 'way', 'folder/way', 'harmless', 'dangling'])
      await storage.remove(at(name), { recursive });
    for (const name of ['way/secret', 'folder/way/inner'])
      expect(await codeOf(storage.remove(at(name), { recursive }))).toBe('ENOENT');
    expect((await readdir(place.root)).sort()).toEqual(['file', 'folder']);
    expect(await readdir(place.outside, { recursive: true })).toHaveLength(3);
  });

  it.each(['way/secret', 'way/inner', 'folder/way/inner/secret'])(
    'nothing is removed through a link: %s',
    async (name) => {
      for (const recursive of [true, false])
        expect(await codeOf(storage.remove(at(name), { recursive }))).toBe('ELOOP');
      expect(await readdir(place.outside, { recursive: true })).toHaveLength(3);
    },
  );

  it('mkdir creates no directory through a link', async () => {
    for (const recursive of [true, false]) {
      expect(await codeOf(storage.mkdir(at('way/new'), { recursive }))).toBe('ELOOP');
      expect(await codeOf(storage.mkdir(at('folder/way/new'), { recursive }))).toBe('ELOOP');
    }
    expect(await codeOf(storage.mkdir(at('way/new/deeper'), { recursive: true }))).toBe('ELOOP');
    expect(await codeOf(storage.mkdir(at('way'), { recursive: false }))).toBe('EEXIST');
  });

  it('list omits links, and does not follow any', async () => {
    expect(await listed(storage)).toEqual(['file', 'folder']);
  });

  it('remove deletes links with their directory, and nothing that they point to', async () => {
    await storage.remove(at('folder'), { recursive: true });
    expect(await listed(storage)).toEqual(['file']);
    expect(await textOf(path.join(place.outside, 'inner', 'secret'))).toBe('secret');
  });

  it('an upload keeps a link that was created at its target during the upload', async () => {
    const pending = await storage.write(at('new'), replace);
    await pending.write([Buffer.from('x')]);
    await symlink(path.join(place.outside, 'secret'), place.local('new'));
    expect(await codeOf(pending.commit())).toBe('ELOOP');
    expect(await readFile(path.join(place.outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('a root may be a link', async () => {
    const named = path.join(place.outside, 'root');
    await symlink(place.root, named);
    const linked = new DirectoryStorage(named, {}, { walking });
    expect((await linked.stat(at(''))).kind).toBe('directory');
    await put(linked, 'folder/new', 'x');
    expect(await listed(linked)).toEqual(['file', 'folder', 'folder/new']);
    expect(await textOf(place.local('folder', 'new'))).toBe('x');
  });

  it('ftp-srv: /root_secret is not below /root', async () => {
    await mkdir(path.join(place.outside, 'root'));
    await mkdir(path.join(place.outside, 'root_secret'));
    await writeFile(path.join(place.outside, 'root_secret', 'x'), 'secret');
    await symlink('../root_secret', path.join(place.outside, 'root', 'sibling'));
    const inner = new DirectoryStorage(path.join(place.outside, 'root'), {}, { walking });
    expect(await codeOf(inner.read(at('sibling/x')))).toBe('ELOOP');
    expect(await codeOf(inner.read(at('_secret/x')))).toBe('ENOENT');
    expect(() => at('../root_secret/x')).toThrow();
  });

  it('FIFOs, sockets and paths below them are answered at once, and not listed', async () => {
    await makeFifo(place.local('fifo'));
    const server = net.createServer().listen(place.local('socket'));
    try {
      for (const name of ['fifo', 'socket']) {
        expect(await codeOf(storage.read(at(name)))).toBe('EACCES');
        expect(await codeOf(storage.stat(at(name)))).toBe('EACCES');
        expect(await codeOf(storage.write(at(name), replace))).toBe('EACCES');
        expect(await codeOf(storage.copy(at(name), at('new'), replace))).toBe('EACCES');
        expect(await codeOf(storage.read(at(`${name}/x`)))).toBe('ENOTDIR');
      }
      expect(await listed(storage)).toEqual(['file', 'folder']);
      for (const name of ['fifo', 'socket']) await storage.remove(at(name), { recursive: name === 'fifo' });
      expect(await codeOf(lstat(place.local('fifo')))).toBe('ENOENT');
      expect(await codeOf(lstat(place.local('socket')))).toBe('ENOENT');
    } finally {
      server.close();
    }
  });

  it('a hard link is a file like any other', async () => {
    await link(place.local('file'), place.local('second'));
    expect((await storage.stat(at('second'))).size).toBe(4);
  });
});

posix('a walk by names', () => {
  it('a parent directory that is replaced by a link before the open is detected', async () => {
    const outside = await temporaryDirectory();
    await writeFile(path.join(outside, 'file'), 'secret');
    const open: typeof fileCalls.open = async (name, flags, mode) => {
      await rename(place.local('folder'), place.local('away'));
      await symlink(outside, place.local('folder'));
      return fileCalls.open(name, flags, mode);
    };
    const place = await makePlace({ walking: 'names', calls: { ...fileCalls, open } });
    await mkdir(place.local('folder'));
    await writeFile(place.local('folder', 'file'), 'public');
    expect(await codeOf(place.storage.read(at('folder/file')))).toBe('ELOOP');
  });

  it('an opened file other than the one with the name is detected', async () => {
    const outside = await temporaryDirectory();
    await writeFile(path.join(outside, 'file'), 'secret');
    const open: typeof fileCalls.open = (_name, flags, mode) =>
      fileCalls.open(path.join(outside, 'file'), flags, mode);
    const place = await makePlace({ walking: 'names', calls: { ...fileCalls, open } });
    await writeFile(place.local('file'), 'public');
    expect(await codeOf(place.storage.read(at('file')))).toBe('EBUSY');
  });
});
