/** Many small files in one request, in each codec. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../src/client/base-client.js';
import { downloadBatch, type FileToDownload } from '../../../src/client/batches/download-batch.js';
import { uploadBatch, type FileToUpload } from '../../../src/client/batches/upload-batch.js';
import { DirectoryStorage, type FileClient, type RequestSummary } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, serveFiles, temporaryDirectory } from '../../support/servers/serve.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;

async function upload(client: FileClient, files: readonly FileToUpload[]): Promise<Record<string, unknown>> {
  const outcomes: Record<string, unknown> = {};
  for (const outcome of await uploadBatch(contextOf(client), files))
    outcomes[outcome.file.path] = outcome.error ? outcome.error.code : outcome.entry;
  return outcomes;
}

async function download(
  client: FileClient,
  files: readonly FileToDownload[],
): Promise<Record<string, unknown>> {
  const outcomes: Record<string, unknown> = {};
  for (const outcome of await downloadBatch(contextOf(client), files))
    outcomes[outcome.file.path] = outcome.error ? outcome.error.code : outcome.bytes.toString('latin1');
  return outcomes;
}

describe.each(codecs)('many small files over %s', (codec) => {
  it('arrive in a directory, and come back, byte for byte', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root, portableNames: false, codec });
    const client = connect({ codec });
    const files = Array.from({ length: 600 }, (_, index) => ({
      path: `größe & "50 %" ${index}`,
      bytes: bytesOf((index * 331) % 5_000, index),
      conditions: { mtime: 1_000_000 + index, flush: false },
    }));
    const stored = await upload(client, files);
    for (const { path: name, bytes, conditions } of files)
      expect(stored[name]).toMatchObject({
        path: name,
        kind: 'file',
        size: bytes.length,
        mtime: new Date(conditions.mtime),
      });
    const [first] = files.slice(7);
    expect(await readFile(path.join(root, first?.path ?? ''))).toEqual(Buffer.from(first?.bytes ?? []));
    const back = await download(
      client,
      files.map(({ path, bytes }) => ({ path, maxBytes: bytes.length })),
    );
    for (const { path: name, bytes } of files) expect(back[name]).toBe(Buffer.from(bytes).toString('latin1'));
  });

  it('have an error each, and the others are transferred', async () => {
    const { connect } = await serveFiles({ a: 'A', big: bytesOf(65_537), largest: bytesOf(65_536) });
    const client = connect({ codec });
    await client.mkdir('directory');
    const paths = ['a', 'missing', 'directory', 'no/parent', 'x/../a', 'big', 'largest'];
    expect(
      await download(
        client,
        paths.map((path) => ({ path })),
      ),
    ).toEqual({
      a: 'A',
      missing: 'ENOENT',
      directory: 'EISDIR',
      'no/parent': 'ENOENT',
      'x/../a': 'EILSEQ',
      big: 'EFBIG',
      largest: Buffer.from(bytesOf(65_536)).toString('latin1'),
    });
    const bytes = Buffer.from('new');
    const { etag } = await client.stat('a');
    const stored = await upload(client, [
      { path: 'a', bytes, conditions: { overwrite: false } },
      { path: 'directory', bytes },
      { path: 'no/parent', bytes },
      { path: 'con', bytes },
      { path: 'new', bytes, conditions: { overwrite: false } },
      { path: 'big', bytes, conditions: { ifMatch: 'another' } },
      { path: 'a', bytes, conditions: { ifMatch: etag } },
      { path: 'weak', bytes, conditions: { ifMatch: 'W/x' } },
      { path: 'too-large', bytes: bytesOf(65_537) },
    ]);
    expect(stored).toEqual({
      a: expect.objectContaining({ size: 3 }) as unknown,
      directory: 'EISDIR',
      'no/parent': 'ENOENT',
      con: 'EILSEQ',
      new: expect.objectContaining({ size: 3 }) as unknown,
      big: 'ESTALE',
      weak: 'ESTALE',
      'too-large': 'EFBIG',
    });
    expect(await client.exists('weak')).toBe(false);
  });
});

describe('a batch', () => {
  it('needs the permissions of each file', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({
      root,
      authorize: (_identity, permission, path) => permission !== 'write' || !path.startsWith('private/'),
    });
    const client = connect();
    await client.mkdir('public');
    const bytes = Buffer.from('x');
    const stored = await upload(client, [
      { path: 'private/a', bytes },
      { path: 'public/a', bytes },
    ]);
    expect(stored).toMatchObject({ 'private/a': 'EACCES', 'public/a': { size: 1 } });
    expect(await readdir(root)).not.toContain('private');
  });

  it('is refused file by file by a server that is read-only', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ storage: new DirectoryStorage(root), permissions: ['read', 'list'] });
    expect(await upload(connect(), [{ path: 'a', bytes: Buffer.from('a') }])).toEqual({ a: 'EACCES' });
    expect(await readdir(root)).toEqual([]);
  });

  it('downloads only the version that the request names', async () => {
    const { connect } = await serveFiles({ a: 'A', b: 'B' });
    const client = connect();
    const { etag } = await client.stat('a');
    const outcomes = await download(client, [
      { path: 'a', ifMatch: etag },
      { path: 'b', ifMatch: 'another' },
    ]);
    expect(outcomes).toEqual({ a: 'A', b: 'ESTALE' });
  });

  it('ends by the signal of its call', async () => {
    const { connect } = await serveFiles({ a: 'A' });
    const signal = AbortSignal.abort();
    const downloads = downloadBatch(contextOf(connect()), [{ path: 'a' }], { signal });
    await expect(downloads).rejects.toMatchObject({ code: 'ECANCELED', name: 'AbortError' });
  });

  it('is one request with the bytes of both bodies', async () => {
    const { connect, server } = await serveFiles({ a: 'A', b: 'BB' });
    const client = connect();
    const ended = new Promise<RequestSummary>((resolve) =>
      server.on('requestEnd', (summary) => summary.operation === 'batch' && resolve(summary)),
    );
    await download(client, [{ path: 'a' }, { path: 'b' }]);
    const summary = await ended;
    expect(summary).toMatchObject({ path: undefined, error: undefined });
    expect(summary.bytes).toBeGreaterThan(3);
    expect(server.stats().servedRequests).toBe(1);
  });
});
