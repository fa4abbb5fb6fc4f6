import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NameCache } from '../../../src/cli/completion/name-cache.js';
import { newFolder } from '../../support/cli/served.js';

async function newCache() {
  const folder = await newFolder();
  const cache = new NameCache({ XDG_CACHE_HOME: folder });
  const files = async () => {
    const names = await readdir(path.join(folder, 'socket-ftp'));
    return names.map((name) => path.join(folder, 'socket-ftp', name));
  };
  return { cache, files };
}

describe('NameCache', () => {
  it('has the names of a key, and of no other one', async () => {
    const { cache } = await newCache();
    expect(await cache.get('one')).toBeUndefined();
    await cache.set('one', ['a', 'b/']);
    expect(await cache.get('one')).toEqual(['a', 'b/']);
    expect(await cache.get('other')).toBeUndefined();
  });

  it('forgets names after 5 s, and those of the future', async () => {
    const { cache, files } = await newCache();
    await cache.set('one', ['a']);
    for (const seconds of [-6, 60]) {
      const time = Date.now() / 1_000 + seconds;
      for (const file of await files()) await utimes(file, time, time);
      expect(await cache.get('one')).toBeUndefined();
    }
  });

  it('takes a damaged file for none, and leaves no other files', async () => {
    const { cache, files } = await newCache();
    await cache.set('one', ['a']);
    await cache.set('one', ['b']);
    const [file = ''] = await files();
    expect(await files()).toHaveLength(1);
    await writeFile(file, '{"key":');
    expect(await cache.get('one')).toBeUndefined();
  });

  it('does without a folder that cannot be written', async () => {
    const cache = new NameCache({ XDG_CACHE_HOME: '/dev/null/none' });
    await cache.set('one', ['a']);
    expect(await cache.get('one')).toBeUndefined();
  });
});
