import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { fileCalls, type Stats } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, makePlace, openIn, partsIn, walkings } from '../directory-fixture.js';

const replace = { overwrite: true };
const resumable = { ...replace, uploadId: 'id' };
const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform === 'win32').each(walkings)('a new file, walked by %s', (walking) => {
  it.runIf(isRoot)(
    'is refused where another user owns the private folder or can write to it, also by the superuser',
    async () => {
      const { storage, local } = await makePlace({ walking });
      for (const [name, uid, mode] of [
        ['owned', 1234, 0o700],
        ['shared', 0, 0o777],
        ['of a group', 0, 0o770],
      ] as const) {
        const folder = local(name, '.socket-ftp');
        await mkdir(folder, { recursive: true });
        await chmod(folder, mode);
        await chown(folder, uid, uid);
        await writeFile(path.join(folder, 'note'), '');
        const refused = { code: 'EACCES', reason: expect.stringContaining('belongs to another user') };
        const file = at(`${name}/file`);
        await expect(storage.write(file, replace)).rejects.toMatchObject(refused);
        await expect(storage.resume(file, resumable)).rejects.toMatchObject(refused);
        // Walked by handles, a small file is written beside the folder.
        const isBeside = walking === 'handles';
        const small = async () => storage.writeFile(file, [Buffer.from('x')], { ...replace, flush: false });
        if (isBeside) await expect(small()).resolves.toMatchObject({ path: file });
        else await expect(small()).rejects.toMatchObject(refused);
        expect(await readdir(local(name))).toEqual(isBeside ? ['.socket-ftp', 'file'] : ['.socket-ftp']);
        expect(await readdir(folder)).toEqual(['note']);
      }
      expect(await openIn(local())).toEqual([]);
    },
  );

  it('is stored where the file system shows one owner and one mode for everything', async () => {
    const asOnFat = (stats: Stats): Stats =>
      Object.assign(stats, { uid: 4321n, mode: (stats.mode & ~0o777n) | 0o777n });
    const calls = {
      ...fileCalls,
      lstat: async (place: string) => asOnFat(await fileCalls.lstat(place)),
      fstat: async (fd: number) => asOnFat(await fileCalls.fstat(fd)),
    };
    const { storage, root } = await makePlace({ walking, calls });
    await put(storage, 'file', 'x');
    expect(await textAt(storage, 'file')).toBe('x');
    expect(await partsIn(root)).toEqual([]);
  });
});
