/** Synchronisations from servers whose listings name a file twice, name twins, or names that no path can have. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, type FileClient, type FileEntry, type RemotePath } from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;

/** A client of a server that lists these names in its root, and an empty directory. */
async function listing(
  codec: (typeof codecs)[number],
  names: readonly string[],
): Promise<{ client: FileClient; local: string }> {
  const memory = new MemoryStorage();
  const stored = names.filter((name) => !name.includes('\0'));
  for (const name of stored) await put(memory, name, `content of ${name}`);
  const storage = storageWith({
    stat: (at) => memory.stat(at),
    read: (at) => memory.read(at),
    async *list(): AsyncGenerator<FileEntry> {
      for (const name of names) {
        const entry = await memory.stat((stored.includes(name) ? name : stored[0]) as RemotePath);
        yield { ...entry, path: name as RemotePath };
      }
    },
  });
  const { connect } = await serve({ storage });
  return { client: connect({ codec }), local: path.join(await temporaryDirectory(), 'local') };
}

describe.each(codecs)('a synchronisation in %s from a server', (codec) => {
  it('that lists a file twice stores it once, and plans nothing for it later', async () => {
    const { client, local } = await listing(codec, ['a', 'b', 'a']);
    const result = await client.sync({ remote: '/' }, { local });
    expect((await readdir(local)).sort()).toEqual(['a', 'b']);
    expect(await readFile(path.join(local, 'a'), 'utf8')).toBe('content of a');
    expect(result).toMatchObject({ files: 2, failed: [] });
    const again = await client.sync({ remote: '/' }, { local });
    expect(again).toMatchObject({ files: 0, deleted: 0, failed: [] });
    expect((await readdir(local)).sort()).toEqual(['a', 'b']);
  });

  it.runIf(process.platform === 'linux')('keeps names apart that differ by case', async () => {
    const { client, local } = await listing(codec, ['name', 'Name', 'NAME']);
    expect(await client.sync({ remote: '/' }, { local })).toMatchObject({ isComplete: true, files: 3 });
    for (const name of ['name', 'Name', 'NAME'])
      expect(await readFile(path.join(local, name), 'utf8')).toBe(`content of ${name}`);
    expect(await client.sync({ remote: '/' }, { local })).toMatchObject({ isComplete: true, files: 0 });
  });

  it('that lists a name with NUL fails, and stores nothing of that name', async () => {
    const { client, local } = await listing(codec, ['a', 'a\0b']);
    await expect(client.sync({ remote: '/' }, { local })).rejects.toMatchObject({ code: 'EPROTO' });
    const found = await readdir(local).catch(() => []);
    expect(found.filter((name) => name !== 'a')).toEqual([]);
  });
});
