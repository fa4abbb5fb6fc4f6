/** A root, and the private folder in it, that another program replaces. */
import { lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { REMOTE_ROOT } from '../../../../src/protocol/remote-path.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';
import {
  at,
  codeOf,
  listed,
  makeFifo,
  makePlace,
  openIn,
  partsIn,
  textOf,
  walkings,
} from '../directory-fixture.js';

const replace = { overwrite: true };

describe.skipIf(process.platform === 'win32').each(walkings)('a root, walked by %s', (walking) => {
  it('that is a link leads to the current target of the link', async () => {
    const place = await temporaryDirectory();
    for (const version of ['one', 'two']) {
      await mkdir(`${place}/${version}`);
      await writeFile(`${place}/${version}/file`, version);
    }
    await symlink('one', `${place}/current`);
    const storage = new DirectoryStorage(`${place}/current`, {}, { walking });
    expect(await textAt(storage, 'file')).toBe('one');
    await put(storage, 'new', 'x');
    await symlink('two', `${place}/next`);
    await rename(`${place}/next`, `${place}/current`);
    expect(await textAt(storage, 'file')).toBe('two');
    await put(storage, 'new', 'y');
    expect([await textOf(`${place}/one/new`), await textOf(`${place}/two/new`)]).toEqual(['x', 'y']);
  });

  it('that is replaced during a write has the whole file or nothing of it', async () => {
    const place = await temporaryDirectory();
    const root = `${place}/root`;
    await mkdir(root);
    const storage = new DirectoryStorage(root, {}, { walking });
    const pending = await storage.write(at('file'), replace);
    await pending.write([Buffer.from('whole')]);
    await rename(root, `${place}/older`);
    await mkdir(root);
    const code = await codeOf(pending.commit());
    expect(await textOf(`${root}/file`)).toBe(code === undefined ? 'whole' : undefined);
    expect(await textOf(`${place}/older/file`)).toBeUndefined();
    await put(storage, 'other', 'x');
    expect(await listed(storage)).toEqual(code === undefined ? ['file', 'other'] : ['other']);
    expect(await openIn(place)).toEqual([]);
  });

  it('that becomes something other than a directory fails requests with a code that is not of a path', async () => {
    const { storage, root } = await makePlace({ walking });
    await storage.stat(at(''));
    await rm(root, { recursive: true });
    await makeFifo(root);
    const asked = [
      storage.stat(at('')),
      storage.read(at('file')),
      listed(storage),
      put(storage, 'file', 'x'),
    ];
    const codes = await Promise.all(asked.map((work: Promise<unknown>) => codeOf(work)));
    expect(codes).toEqual(codes.map(() => 'EIO'));
    await rm(root);
    await writeFile(root, 'no directory');
    expect(await codeOf(storage.stat(at('')))).toBe('EIO');
    expect(await codeOf(storage.mkdir(at('a/b'), { recursive: true }))).toBe('EIO');
  });

  it('that is missing fails every request with EIO, which is retryable, until it is back', async () => {
    const { storage, root } = await makePlace({ walking });
    await storage.write(at('file'), { ...replace, uploadId: 'id' }).then((pending) => pending.suspend?.());
    const pending = await storage.write(at('file'), replace);
    await rename(root, `${root}-away`);
    const requests: Record<string, () => Promise<unknown>> = {
      // The first: while it is pending, the private folder is open, and stays so wherever the root is moved.
      commit: () => pending.commit(),
      'stat of the root': () => storage.stat(REMOTE_ROOT),
      stat: () => storage.stat(at('file')),
      'stat in a directory': () => storage.stat(at('a/b')),
      list: () => listed(storage),
      read: () => storage.read(at('file')),
      write: () => storage.write(at('new'), replace),
      writeFile: async () => storage.writeFile(at('new'), [Buffer.from('x')], replace),
      append: () => storage.append(at('file'), replace),
      resume: () => storage.resume(at('file'), { ...replace, uploadId: 'id' }),
      mkdir: () => storage.mkdir(at('a'), { recursive: false }),
      'recursive mkdir': () => storage.mkdir(at('a/b'), { recursive: true }),
      remove: () => storage.remove(at('file'), { recursive: true }),
      rename: () => storage.rename(at('file'), at('b'), replace),
      copy: () => storage.copy(at('file'), at('b'), replace),
      utimes: () => storage.utimes(at('file'), new Date(0)),
    };
    for (const [name, request] of Object.entries(requests)) {
      const error: unknown = await request().catch((thrown: unknown) => thrown);
      expect(error, name).toMatchObject({ code: 'EIO', retryable: true });
    }
    await expect(lstat(root)).rejects.toMatchObject({ code: 'ENOENT' });
    await rename(`${root}-away`, root);
    expect(await codeOf(storage.stat(at('none')))).toBe('ENOENT');
  });
});

describe.skipIf(process.platform === 'win32')('the private folder', () => {
  it.each(walkings)('that is a link is neither used, read nor swept, walked by %s', async (walking) => {
    const { storage, local, outside } = await makePlace({ walking });
    await writeFile(`${outside}/${'0'.repeat(32)}.part`, 'old');
    await symlink(outside, local('.socket-ftp'));
    const expiring = new DirectoryStorage(local(''), { suspendedExpiryMs: 1 }, { walking });
    for (const each of [storage, expiring]) {
      expect(await codeOf(each.write(at('file'), replace))).toBe('EACCES');
      expect(await codeOf(each.write(at('file'), { ...replace, uploadId: 'id' }))).toBe('EACCES');
      expect(await codeOf(each.resume(at('file'), { ...replace, uploadId: 'id' }))).toBe('EACCES');
      await each.close();
    }
    expect(await readdir(outside)).toEqual([`${'0'.repeat(32)}.part`]);
  });

  it('is reached by a handle that closes with the last active upload', async () => {
    const { storage, root } = await makePlace();
    const [one, other] = [await storage.write(at('one'), replace), await storage.write(at('other'), replace)];
    expect(await openIn(root)).toHaveLength(process.platform === 'linux' ? 3 : 2);
    await one.commit();
    await other.discard();
    expect(await openIn(root)).toEqual([]);
    expect(await partsIn(root)).toEqual([]);
  });
});
