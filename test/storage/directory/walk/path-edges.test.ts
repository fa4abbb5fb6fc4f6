/** The longest names and paths that are allowed, as a directory meets them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { at, listed, makePlace, openIn, walkings } from '../directory-fixture.js';

const replace = { overwrite: true };
const onLinux = describe.runIf(process.platform === 'linux');

describe.skipIf(process.platform === 'win32').each(walkings)(
  'a name of 255 bytes, walked by %s',
  (walking) => {
    it.each([
      ['a', 255],
      ['ä', 127],
      ['日', 85],
    ])('of %s is a name like any other', async (character, times) => {
      const { storage } = await makePlace({ walking });
      const [long, other] = [character.repeat(times), character.repeat(times - 1)];
      await storage.mkdir(at(long), { recursive: false });
      await put(storage, `${long}/${long}`, 'x');
      await storage.copy(at(`${long}/${long}`), at(`${long}/${other}`), replace);
      await storage.rename(at(`${long}/${long}`), at(other), replace);
      expect(await listed(storage)).toEqual([long, other, `${long}/${other}`].sort());
      const pending = await storage.write(at(long + '/' + long), { ...replace, uploadId: 'id' });
      await pending.write([Buffer.from('y')]);
      await pending.commit('token');
      expect(await textAt(storage, `${long}/${long}`)).toBe('y');
      await storage.remove(at(long), { recursive: true });
      expect(await listed(storage)).toEqual([other]);
    });
  },
);

onLinux('a path of 4,096 bytes, walked by handles', () => {
  it('is a path like any other, though no system call accepts it', async () => {
    const { storage, root } = await makePlace({ walking: 'handles' });
    const directory = Array.from({ length: 16 }, () => 'd'.repeat(240)).join('/');
    const name = 'f'.repeat(4_096 - directory.length - 1);
    const file = `${directory}/${name}`;
    expect(Buffer.byteLength(file)).toBe(4_096);
    await storage.mkdir(at(directory), { recursive: true });
    await put(storage, file, 'x');
    expect(await textAt(storage, file)).toBe('x');
    expect(await listed(storage, directory)).toEqual([file]);
    await storage.copy(at(file), at('copy'), replace);
    await storage.rename(at(file), at('renamed'), replace);
    await storage.remove(at(directory.slice(0, 240)), { recursive: true });
    expect(await listed(storage)).toEqual(['copy', 'renamed']);
    expect(await openIn(root)).toEqual([]);
  });

  it(
    'of 2,048 segments can be created, written, listed and removed with few files open',
    { timeout: 60_000 },
    async () => {
      const { storage, root } = await makePlace({ walking: 'handles' });
      const deep = Array.from({ length: 2_047 }, () => 'd').join('/');
      await storage.mkdir(at(deep), { recursive: true });
      await put(storage, `${deep}/f`, 'x');
      expect(await textAt(storage, `${deep}/f`)).toBe('x');
      let count = 0;
      let mostOpen = 0;
      for await (const { kind } of storage.list(at(''), { recursive: true })) {
        count++;
        if (kind === 'file') mostOpen = (await openIn(root)).length;
      }
      expect(count).toBe(2_048);
      expect(mostOpen).toBeLessThan(40);
      await storage.remove(at('d'), { recursive: true });
      expect(await listed(storage)).toEqual([]);
      expect(await openIn(root)).toEqual([]);
    },
  );

  it('that would be too long below a directory is not listed, and is removed with it', async () => {
    const { storage, local } = await makePlace({ walking: 'handles' });
    const directory = Array.from({ length: 16 }, () => 'd'.repeat(250)).join('/');
    await storage.mkdir(at(directory), { recursive: true });
    await put(storage, 'long', 'x');
    await promisify(execFile)('sh', [
      '-c',
      `cd "$1"; for d in ${directory.split('/').join(' ')}; do cd "$d"; done; echo > ${'f'.repeat(255)}`,
      'sh',
      local(''),
    ]);
    expect(await listed(storage, directory)).toEqual([]);
    await storage.remove(at(directory.slice(0, 250)), { recursive: true });
    expect(await listed(storage)).toEqual(['long']);
  });
});
