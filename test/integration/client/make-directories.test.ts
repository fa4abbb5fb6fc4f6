/** Uploads that create the missing parents of their path. */
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  DirectoryStorage,
  MemoryStorage,
  parseRemotePath,
  storageFromStreams,
  subStorage,
  type CodecName,
  type FileClient,
  type Storage,
} from '../../../src/index.js';
import { objectStore } from '../../support/doubles/object-store.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const BIG = Buffer.alloc(300_000, 'x');

async function pathsOf(client: FileClient): Promise<string[]> {
  return (await client.readdir('/', { recursive: true })).map((entry) => entry.path).sort();
}

describe.each<CodecName>(['text', 'json', 'xml', 'binary'])('over %s', (codec) => {
  it('a stream, bytes in memory and local files of any size create them', async () => {
    const root = await temporaryDirectory();
    const local = path.join(await temporaryDirectory(), 'local');
    const { connect } = await serve({ root });
    const client = connect({ codec });
    const options = { makeDirectories: true };
    for (const bytes of [Buffer.from('x'), BIG]) {
      const to = `at ${bytes.length}`;
      fs.writeFileSync(local, bytes);
      await pipeline(Readable.from([bytes]), client.upload(`${to}/a/stream`, options));
      await client.writeFile(`${to}/b/c/bytes`, bytes, options);
      await client.writeFile(`${to}/b/c/new`, bytes, { ...options, overwrite: false });
      await client.uploadFile(local, `${to}/d/file`, options);
      for (const name of ['a/stream', 'b/c/bytes', 'b/c/new', 'd/file'])
        expect((await client.readFile(`${to}/${name}`)).equals(bytes)).toBe(true);
    }
  });

  it('an upload without the option fails with ENOENT, and creates nothing', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect({ codec });
    for (const data of ['x', BIG]) {
      for (const makeDirectories of [undefined, false])
        await expect(client.writeFile('a/b', data, { makeDirectories })).rejects.toMatchObject({
          code: 'ENOENT',
        });
    }
    expect(await pathsOf(client)).toEqual([]);
  });
});

describe.each<[string, () => Promise<Storage>]>([
  ['memory', async () => new MemoryStorage()],
  ['a directory', async () => new DirectoryStorage(await temporaryDirectory(), { flush: false })],
  ['streams', async () => storageFromStreams(objectStore().functions)],
  [
    'a part of another',
    async () => {
      const storage = new MemoryStorage();
      await storage.mkdir(parseRemotePath('base'), { recursive: false });
      return subStorage(storage, 'base');
    },
  ],
])('in a storage of %s', (_name, make) => {
  it('many uploads at once create them together', async () => {
    const { connect } = await serve({ storage: await make() });
    const client = connect();
    const all: string[] = [];
    // Some of them look for the directory while another one creates it.
    for (let round = 0; round < 10; round++) {
      const names = Array.from({ length: 20 }, (_, index) => `a/b/${round}/${index}`);
      await Promise.all(
        names.map((name, index) =>
          client.writeFile(name, index % 2 ? 'x' : BIG.subarray(0, 70_000), { makeDirectories: true }),
        ),
      );
      all.push(`a/b/${round}`, ...names);
    }
    expect(await pathsOf(client)).toEqual(['a', 'a/b', ...all].sort());
  });

  it('a file in the place of a parent is ENOTDIR, and stays', async () => {
    const { connect } = await serve({ storage: await make() });
    const client = connect();
    await client.writeFile('a', 'file');
    for (const data of ['x', BIG])
      await expect(client.writeFile('a/b/c', data, { makeDirectories: true })).rejects.toMatchObject({
        code: 'ENOTDIR',
      });
    expect(await pathsOf(client)).toEqual(['a']);
  });
});

describe('the directories', () => {
  it('are not looked for where the parent exists', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage });
    const client = connect();
    await client.mkdir('a');
    const mkdir = vi.spyOn(storage, 'mkdir');
    const stat = vi.spyOn(storage, 'stat');
    for (const data of ['x', BIG]) await client.writeFile('a/b', data, { makeDirectories: true });
    expect(mkdir).not.toHaveBeenCalled();
    expect(stat).not.toHaveBeenCalled();
    await client.writeFile('new/b', 'x', { makeDirectories: true });
    expect(mkdir).toHaveBeenCalledOnce();
  });

  it('are not created for a small upload whose bytes are not what was announced', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const upload = client.upload('a/b', { size: 5, makeDirectories: true });
    upload.end('four');
    await expect(upload.completed).rejects.toMatchObject({ code: 'EBADMSG' });
    expect(await pathsOf(client)).toEqual([]);
  });

  it('are not created for a version that must exist', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const options = { ifMatch: 'some', makeDirectories: true };
    await expect(client.writeFile('a/b', 'x', options)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await pathsOf(client)).toEqual([]);
  });

  it('need the permission to write, each', async () => {
    const allowed = new Set(['a', 'a/b', 'a/b/c', 'd/e']);
    const { connect } = await serve({
      storage: new MemoryStorage(),
      authorize: (_identity, permission, at) => permission !== 'write' || allowed.has(at),
    });
    const client = connect();
    await client.writeFile('a/b/c', 'x', { makeDirectories: true });
    for (const data of ['x', BIG])
      await expect(client.writeFile('d/e', data, { makeDirectories: true })).rejects.toMatchObject({
        code: 'EACCES',
      });
    expect(await pathsOf(client)).toEqual(['a', 'a/b', 'a/b/c']);
  });

  it('count toward a quota', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), quota: { files: 3 } });
    const client = connect();
    await client.writeFile('a/b/c', 'x', { makeDirectories: true });
    expect(await client.quota()).toMatchObject({ usedFiles: 3 });
    await expect(client.writeFile('d/e', 'x', { makeDirectories: true })).rejects.toMatchObject({
      code: 'EDQUOT',
    });
    expect(await pathsOf(client)).toEqual(['a', 'a/b', 'a/b/c']);
  });

  it('have only names that the server accepts', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), portableNames: true });
    const client = connect();
    await expect(client.writeFile('con/b', 'x', { makeDirectories: true })).rejects.toMatchObject({
      code: 'EILSEQ',
    });
    expect(await pathsOf(client)).toEqual([]);
  });
});
