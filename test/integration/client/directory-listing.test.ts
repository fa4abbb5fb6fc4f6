/** The two ways to list a directory. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type FileClient, type FileServer } from '../../../src/index.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

/** A client of a server with two directories and three files. */
async function served(): Promise<{ client: FileClient; server: FileServer }> {
  const { connect, server } = await serve({ storage: new MemoryStorage() });
  const client = connect();
  await client.mkdir('a/b', { recursive: true });
  for (const path of ['a/b/c', 'a/d', 'e']) await client.writeFile(path, path);
  return { client, server };
}

describe('readdir', () => {
  it('resolves with the entries of the root, or of a directory', async () => {
    const { client } = await served();
    const paths = (await client.readdir()).map(({ path }) => path).sort();
    expect(paths).toEqual(['a', 'e']);
    expect((await client.readdir('a')).map(({ path }) => path).sort()).toEqual(['a/b', 'a/d']);
  });

  it('resolves with the entries that list() gives', async () => {
    const { client } = await served();
    const listed = [];
    for await (const entry of client.list('/', { recursive: true })) listed.push(entry);
    expect(await client.readdir('/', { recursive: true })).toEqual(listed);
    expect(listed).toHaveLength(5);
  });

  it('rejects for a missing directory, and for an unknown option', async () => {
    const { client } = await served();
    await expect(client.readdir('x')).rejects.toMatchObject({ code: 'ENOENT', operation: 'list', path: 'x' });
    await expect(client.readdir('a', { recursiv: true } as object)).rejects.toThrow(/no option recursiv/);
  });
});

describe('list', () => {
  it('stops at the end of an `await using` block, and the iterator ends', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`file ${index}`, '']));
    const { connect, server } = await serveFiles(many);
    const client = connect();
    let entries;
    {
      await using listing = client.list();
      entries = listing;
      expect((await listing.next()).done).toBe(false);
    }
    expect(await entries.next()).toEqual({ done: true, value: undefined });
    await until(() => server.stats().activeRequests === 0);
    expect(await client.exists('file 1')).toBe(true);
  });

  it('never starts after it was disposed', async () => {
    const { client, server } = await served();
    const { servedRequests } = server.stats();
    const listing = client.list();
    await listing[Symbol.asyncDispose]();
    expect(await listing.next()).toEqual({ done: true, value: undefined });
    await client.ping();
    expect(server.stats()).toMatchObject({ servedRequests, activeRequests: 0 });
  });
});

describe('checksum', () => {
  it('resolves with the form of every other checksum', async () => {
    const { client } = await served();
    const { checksum } = await client.writeFile('e', 'text');
    expect(await client.checksum('e', 'crc32')).toBe(checksum);
    expect(await client.checksum('e')).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
