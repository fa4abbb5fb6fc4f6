/** A watch tells a client what it may list, and nothing else. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath, subStorage } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { Watched } from '../watching/watched.js';

const at = parseRemotePath;

describe('a watch of a client that may not list everything', () => {
  it('tells of hidden entries as if they did not exist, also when they are renamed', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({
      storage,
      authorize: (_identity, _permission, path) => !path.split('/').some((name) => name.startsWith('hidden')),
    });
    await storage.mkdir(at('hidden/inner'), { recursive: true });
    const watched = new Watched(connect());
    await watched.until('ready');
    await storage.mkdir(at('d'), { recursive: false });
    for (const path of ['hidden/a', 'd/b', 'd/hidden', 'hidden/inner/c'])
      await storage.writeFile(at(path), [], { overwrite: true });
    await storage.rename(at('hidden/a'), at('shown'), { overwrite: false });
    await storage.rename(at('d/b'), at('d/hidden b'), { overwrite: false });
    await storage.rename(at('hidden/inner'), at('d/inner'), { overwrite: false });
    await storage.rename(at('d'), at('e'), { overwrite: false });
    await storage.remove(at('hidden'), { recursive: true });
    await storage.writeFile(at('last'), [], { overwrite: true });
    await watched.until('created', 'last');
    const told = watched.events.map((event) => `${event.kind} ${'entry' in event ? event.entry.path : ''}`);
    expect(told.filter((event) => event.includes('hidden'))).toEqual([]);
    expect(watched.paths).toEqual(['e', 'e/inner', 'e/inner/c', 'last', 'shown']);
  });

  it('tells of no content of a renamed directory if only one directory is watched', async () => {
    const storage = new MemoryStorage();
    await storage.mkdir(at('d/inner'), { recursive: true });
    const { connect } = await serve({ storage, authorize: () => true });
    const watched = new Watched(connect(), '', { recursive: false });
    await watched.until('ready');
    await storage.rename(at('d'), at('e'), { overwrite: false });
    await storage.writeFile(at('last'), [], { overwrite: true });
    await watched.until('created', 'last');
    expect(watched.paths).toEqual(['e', 'last']);
  });

  it('is refused without the permission list', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), permissions: ['read', 'write'] });
    await expect(new Watched(connect()).next()).rejects.toMatchObject({ code: 'EACCES', operation: 'watch' });
  });

  it('tells paths from the root of its identity, and ends when that is removed', async () => {
    const storage = new MemoryStorage();
    await storage.mkdir(at('ann/docs'), { recursive: true });
    const { connect } = await serve({ storage: subStorage(storage, 'ann') });
    const watched = new Watched(connect());
    await watched.until('ready');
    await storage.writeFile(at('beside'), [], { overwrite: true });
    await storage.writeFile(at('ann/docs/file'), [], { overwrite: true });
    await storage.rename(at('ann/docs/file'), at('ann/file'), { overwrite: false });
    expect(await watched.until('renamed')).toMatchObject({ entry: { path: 'file' }, from: 'docs/file' });
    expect(watched.paths).toEqual(['docs', 'file']);
    await storage.remove(at('ann'), { recursive: true });
    await expect(watched.until('created', 'never')).rejects.toMatchObject({ operation: 'watch' });
  });
});
