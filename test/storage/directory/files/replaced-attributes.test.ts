/** What a new version keeps of the file that it replaces, and a copy of its original, besides the bytes. */
import { chmod, chown, link, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { bytesAt, put } from '../../../../src/contracts/storage/storage-fixture.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, codeOf, makePlace, partsIn, textOf, walkings } from '../directory-fixture.js';

const replace = { overwrite: true };
const isRoot = process.getuid?.() === 0;
const MIB = 1024 * 1024;

describe.skipIf(process.platform === 'win32').each(walkings)('walked by %s,', (walking) => {
  it.runIf(isRoot)('a new version keeps the owner and the group of the file that it replaces', async () => {
    const { storage, local } = await makePlace({ walking });
    for (const name of ['streamed', 'small', 'resumed', 'copied', 'appended']) {
      await writeFile(local(name), 'older');
      await chmod(local(name), 0o640);
      await chown(local(name), 1234, 4321);
    }
    await put(storage, 'streamed', 'newer');
    await storage.writeFile(at('small'), [Buffer.from('newer')], { ...replace, flush: false });
    const resumed = await storage.write(at('resumed'), { ...replace, uploadId: 'id' });
    await resumed.suspend?.();
    const found = await storage.resume(at('resumed'), { ...replace, uploadId: 'id' });
    if (found?.kind === 'pending') await found.pending.commit('token');
    await put(storage, 'source', 'newer');
    await storage.copy(at('source'), at('copied'), replace);
    await (await storage.append(at('appended'), replace)).commit();
    for (const name of ['streamed', 'small', 'resumed', 'copied', 'appended']) {
      const { uid, gid, mode } = await stat(local(name));
      expect({ name, uid, gid, mode: mode & 0o7777 }).toEqual({ name, uid: 1234, gid: 4321, mode: 0o640 });
    }
    expect((await stat(local('source'))).uid).toBe(0);
  });

  it.runIf(isRoot)('a new version takes the owner that the file got during the upload', async () => {
    const { storage, local } = await makePlace({ walking });
    await put(storage, 'file', 'older');
    const pending = await storage.write(at('file'), replace);
    await chown(local('file'), 1234, 4321);
    const entry = await pending.commit();
    expect((await stat(local('file'))).uid).toBe(1234);
    expect(await storage.stat(at('file'))).toEqual(entry);
  });

  it.runIf(isRoot)('a file system that refuses the owner does not fail the upload', async () => {
    const fchown = () => Promise.reject(Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' }));
    const { storage, local } = await makePlace({ walking, calls: { ...fileCalls, fchown } });
    await writeFile(local('file'), 'older');
    await chown(local('file'), 1234, 4321);
    await put(storage, 'file', 'newer');
    expect(await textOf(local('file'))).toBe('newer');
  });

  it.each([replace, { ...replace, uploadId: 'id' }])(
    'another file at the name of the part is neither changed nor published: %j',
    async (options) => {
      for (const isLate of [false, true]) {
        const calls = { ...fileCalls };
        const { storage, root, local } = await makePlace({ walking, calls });
        await put(storage, 'file', 'older');
        await writeFile(local('secret'), 'secret', { mode: 0o600 });
        const pending = await storage.write(at('file'), options);
        await pending.write([Buffer.from('newer')]);
        await chmod(local('file'), 0o666);
        const [part = ''] = ((await partsIn(root)) ?? []).filter((name) => name.endsWith('.part'));
        const exchange = async (): Promise<void> => {
          await rm(local('.socket-ftp', part));
          await link(local('secret'), local('.socket-ftp', part));
        };
        // Late: after the check of the name, when it is opened to change the mode.
        if (isLate)
          calls.open = async (...args) => {
            if (args[0].endsWith('.part')) await exchange();
            return fileCalls.open(...args);
          };
        else await exchange();
        expect(await codeOf(pending.commit())).toBe('ESTALE');
        expect(await textOf(local('file'))).toBe('older');
        expect(await textOf(local('secret'))).toBe('secret');
        expect((await stat(local('secret'))).mode & 0o777).toBe(0o600);
      }
    },
  );

  it('a copy of a file with holes has holes', async ({ skip }) => {
    const { storage, local } = await makePlace({ walking });
    const file = await open(local('sparse'), 'w');
    await file.write(Buffer.from('begin'), 0, 5, 0);
    await file.write(Buffer.from('middle'), 0, 6, 5 * MIB + 100);
    await file.close();
    await truncate(local('sparse'), 20 * MIB + 7);
    const original = await stat(local('sparse'));
    if (original.blocks * 512 >= original.size) skip('This file system has no holes.');
    await storage.copy(at('sparse'), at('copy'), replace);
    await (await storage.append(at('sparse'), replace)).commit();
    for (const name of ['copy', 'sparse']) {
      const { blocks, size } = await stat(local(name));
      expect({ name, size }).toEqual({ name, size: 20 * MIB + 7 });
      expect(blocks * 512).toBeLessThan(MIB);
    }
    const bytes = await bytesAt(storage, at('copy'));
    const expected = Buffer.alloc(20 * MIB + 7);
    expected.write('begin', 0);
    expected.write('middle', 5 * MIB + 100);
    expect(bytes.equals(expected)).toBe(true);
  });

  it('a copy of nothing but a hole has no blocks', async ({ skip }) => {
    const { storage, local } = await makePlace({ walking });
    await writeFile(local('hole'), '');
    await truncate(local('hole'), 3 * MIB + 1);
    if ((await stat(local('hole'))).blocks > 8) skip('This file system has no holes.');
    await storage.copy(at('hole'), at('copy'), replace);
    const { blocks, size } = await stat(local('copy'));
    expect(size).toBe(3 * MIB + 1);
    expect(blocks).toBeLessThanOrEqual(8);
  });
});
