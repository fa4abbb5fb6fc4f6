/** Directories in which a process may look names up, and which it may not read. */
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { asUnprivilegedUser } from '../../../support/servers/unprivileged-user.js';
import { at, codeOf, listed, makePlace, openIn, walkings, type Place } from '../directory-fixture.js';

const replace = { overwrite: true };
const once = { overwrite: false };

/** A tree whose upper directories can only be searched, on behalf of a user to whom permissions apply. */
async function inTree(place: Place, run: () => Promise<void>): Promise<void> {
  const { local } = place;
  await mkdir(local('homes', 'ann', 'inner'), { recursive: true });
  await mkdir(local('homes', 'drop'));
  await writeFile(local('homes', 'ann', 'file'), 'text');
  await chmod(local('homes', 'ann'), 0o777);
  await chmod(local('homes', 'drop'), 0o733);
  if (process.getuid?.() !== 0) await chmod(local('homes', 'drop'), 0o333);
  await symlink(place.outside, local('homes', 'link'));
  await chmod(local('homes'), process.getuid?.() === 0 ? 0o711 : 0o311);
  await chmod(place.root, process.getuid?.() === 0 ? 0o711 : 0o311);
  try {
    await asUnprivilegedUser(run);
  } finally {
    for (const name of ['', 'homes', 'homes/drop']) await chmod(local(name), 0o777);
  }
}

describe.skipIf(process.platform === 'win32').each(walkings)(
  'below a search-only root, walked by %s',
  (walking) => {
    it('files are read, looked at and listed in a directory that may be read', async () => {
      const place = await makePlace({ walking });
      await inTree(place, async () => {
        const { storage } = place;
        expect(await textAt(storage, 'homes/ann/file')).toBe('text');
        expect(await storage.stat(at('homes/ann/file'))).toMatchObject({ size: 4 });
        expect(await listed(storage, 'homes/ann')).toEqual(['homes/ann/file', 'homes/ann/inner']);
        expect(await openIn(place.root)).toEqual([]);
      });
    });

    it('directories are made, and names are changed and removed', async () => {
      const place = await makePlace({ walking });
      await inTree(place, async () => {
        const { storage } = place;
        await storage.mkdir(at('homes/ann/a/b'), { recursive: true });
        await storage.rename(at('homes/ann/file'), at('homes/ann/a/b/file'), once);
        await storage.copy(at('homes/ann/a/b/file'), at('homes/ann/copy'), once);
        await storage.rename(at('homes/ann/copy'), at('homes/drop/copy'), once);
        await storage.remove(at('homes/drop/copy'), { recursive: false });
        await storage.utimes(at('homes/ann/a/b'), new Date(0));
        expect(await textAt(storage, 'homes/ann/a/b/file')).toBe('text');
        await storage.remove(at('homes/ann/a'), { recursive: true });
        expect(await listed(storage, 'homes/ann')).toEqual(['homes/ann/inner']);
      });
    });

    it('a directory that cannot be read accepts files, also those that are flushed', async () => {
      const place = await makePlace({ walking });
      await inTree(place, async () => {
        const { storage } = place;
        await put(storage, 'homes/drop/small', 'small');
        const resumable = await storage.write(at('homes/drop/large'), { ...replace, uploadId: 'id' });
        await resumable.write([Buffer.from('la')]);
        await resumable.suspend?.();
        const found = await storage.resume(at('homes/drop/large'), { ...replace, uploadId: 'id' });
        if (found?.kind !== 'pending') throw new Error('The upload is not suspended.');
        await found.pending.write([Buffer.from('rge')]);
        await found.pending.commit();
        await storage.mkdir(at('homes/drop/folder'), { recursive: false });
        expect(await textAt(storage, 'homes/drop/large')).toBe('large');
      });
      expect(await readFile(place.local('homes', 'drop', 'small'), 'utf8')).toBe('small');
      expect((await stat(place.local('homes', 'drop', 'folder'))).isDirectory()).toBe(true);
    });

    it('a directory that cannot be read is not listed, and a link is not followed', async () => {
      const place = await makePlace({ walking });
      await writeFile(`${place.outside}/secret`, 'secret');
      await inTree(place, async () => {
        const { storage } = place;
        for (const name of ['', 'homes', 'homes/drop']) {
          expect(await codeOf(listed(storage, name))).toBe('EACCES');
        }
        expect(await codeOf(storage.read(at('homes/link/secret')))).toBe('ELOOP');
        expect(await codeOf(storage.stat(at('homes/ann/file/below')))).toBe('ENOTDIR');
        expect(await openIn(place.root)).toEqual([]);
      });
    });

    it('a listing of a tree shows a directory that cannot be read, without its content', async () => {
      const place = await makePlace({ walking });
      await inTree(place, async () => {
        await mkdir(place.local('homes', 'ann', 'closed', 'hidden'), { recursive: true });
        await chmod(place.local('homes', 'ann', 'closed'), 0o311);
        const names = await listed(place.storage, 'homes/ann');
        expect(names).toEqual(['homes/ann/closed', 'homes/ann/file', 'homes/ann/inner']);
        await chmod(place.local('homes', 'ann', 'closed'), 0o755);
      });
    });
  },
);
