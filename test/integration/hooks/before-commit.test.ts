/** The hook `beforeCommit`, which sees an upload before other clients do, in every codec and storage. */
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  DirectoryStorage,
  MemoryStorage,
  storageFromStreams,
  TransferError,
  type FileServerOptions,
  type PendingUpload,
  type Storage,
} from '../../../src/index.js';
import { connectedPair } from '../../../src/testing/index.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { until } from '../../support/until.js';
import { serve, storageOf, temporaryDirectory, type Served } from '../../support/servers/serve.js';

const small = Buffer.from('small');
const large = bytesOf(700_000);

type Hook = NonNullable<FileServerOptions['beforeCommit']>;

/** A server with the file `file` (`old `). */
async function serveOld(beforeCommit: Hook, options: FileServerOptions = {}): Promise<Served> {
  return serve({ storage: await storageOf({ file: 'old ' }), beforeCommit, ...options });
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'stored',
    (error: unknown) => (error as TransferError).code,
  );
}

describe.each(codecNames)('beforeCommit (%s)', (codec) => {
  it.each([
    ['small', small],
    ['large', large],
  ])('reads a %s upload before it is visible', async (_size, body) => {
    const seen: [PendingUpload, Buffer, string][] = [];
    const { connect } = await serveOld(
      async (upload) => {
        const visible = await connect({ codec }).readFile('file', 'utf8');
        seen.push([upload, await buffer(upload.read()), visible]);
      },
      { authenticate: () => ({ name: 'ann' }) },
    );
    const client = connect({ codec });
    const mtime = new Date(1_600_000_000_000);
    const { checksum } = await client.writeFile('file', body, { mtime });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.[0]).toMatchObject({ path: 'file', size: body.length, checksum, mtime, append: false });
    expect(seen[0]?.[0].identity).toEqual({ name: 'ann' });
    expect(seen[0]?.[1].equals(body)).toBe(true);
    expect(seen[0]?.[2]).toBe('old ');
    expect((await client.readFile('file')).equals(body)).toBe(true);
  });

  it('reads an append with the bytes of the older version', async () => {
    const seen: [number, boolean, string][] = [];
    const { connect } = await serveOld(async ({ size, append, read }) => {
      seen.push([size, append, (await buffer(read())).toString()]);
    });
    const client = connect({ codec });
    await once(client.append('file').end('new'), 'finish');
    expect(seen.at(0)).toEqual([3, true, 'old new']);
  });

  it.each([
    ['small', small],
    ['large', large],
  ])('rejects a %s upload, of which nothing remains', async (_size, body) => {
    const root = await temporaryDirectory();
    const { connect } = await serveOld(
      () => {
        throw new TransferError('EVIRUS', 'The file contains a virus.');
      },
      { storage: new DirectoryStorage(root) },
    );
    const client = connect({ codec });
    const rejected = { code: 'EVIRUS', reason: 'The file contains a virus.', outcomeUnknown: false };
    await expect(client.writeFile('file', body)).rejects.toMatchObject(rejected);
    await expect(client.stat('file')).rejects.toMatchObject({ code: 'ENOENT' });
    const names = await readdir(root, { recursive: true });
    expect(names.filter((name) => !name.includes('.socket-ftp'))).toEqual([]);
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('beforeCommit', () => {
  it.each<[string, () => Promise<Storage>]>([
    ['memory', async () => new MemoryStorage()],
    ['a directory', async () => new DirectoryStorage(await temporaryDirectory())],
  ])('lets several streams read at once, in %s', async (_where, storage) => {
    const { connect } = await serveOld(
      async ({ read }) => {
        const copies = await Promise.all([buffer(read()), buffer(read()), buffer(read())]);
        if (!copies.every((copy) => copy.equals(large))) throw new TransferError('EBADMSG');
      },
      { storage: await storage() },
    );
    expect(await codeOf(connect().writeFile('file', large))).toBe('stored');
  });

  it('applies within a quota and in the root of an identity', async () => {
    const sizes: number[] = [];
    const { connect, server } = await serveOld(
      async ({ read }) => {
        sizes.push((await buffer(read())).length);
        if (sizes.length === 1) throw new TransferError('EACCES');
      },
      { storage: await storageOf({}), quota: { bytes: 1_000_000 } },
    );
    const client = connect();
    expect(await codeOf(client.writeFile('a', large))).toBe('EACCES');
    // The bytes of the rejected upload do not count.
    expect(await codeOf(client.writeFile('b', large))).toBe('stored');
    expect(sizes).toEqual([large.length, large.length]);
    expect((await client.quota()).usedBytes).toBe(large.length);
    expect(server.stats().failedRequests).toBe(1);
  });

  it('does not see copies and renames, which store no bytes of a client', async () => {
    const seen: string[] = [];
    const { connect } = await serveOld(({ path }) => void seen.push(path));
    const client = connect();
    await client.copy('file', 'copy');
    await client.rename('copy', 'renamed');
    expect(seen).toEqual([]);
  });

  it('cannot read a large upload in a storage that does not, and then rejects it', async () => {
    const objects = new Map<string, Buffer>();
    const storage = storageFromStreams({
      stat: async (path) => {
        const body = objects.get(path);
        if (path !== '' && !body) throw new TransferError('ENOENT');
        return {
          path,
          kind: body ? 'file' : 'directory',
          size: body?.length ?? 0,
          mtime: new Date(0),
          etag: 'x',
        };
      },
      list: async function* () {},
      createReadStream: () => {
        throw new TransferError('EIO');
      },
      createWriteStream: (path) => {
        const chunks: Buffer[] = [];
        return new Writable({
          write: (chunk: Buffer, _encoding, done) => done(void chunks.push(chunk)),
          final: (done) => done(void objects.set(path, Buffer.concat(chunks))),
        });
      },
    });
    const { connect } = await serve({
      storage,
      beforeCommit: ({ read }) => buffer(read()).then(() => undefined),
    });
    const client = connect();
    expect(await codeOf(client.writeFile('small', small))).toBe('stored');
    expect(await codeOf(client.writeFile('large', large))).toBe('ENOTSUP');
    expect([...objects.keys()]).toEqual(['small']);
  });

  it('ends with EIO beyond its time limit', async () => {
    const { connect } = await serveOld(() => new Promise(() => undefined), {
      hookTimeouts: { beforeCommitMs: 20 },
    });
    const client = connect();
    await expect(client.writeFile('file', large)).rejects.toMatchObject({ code: 'EIO', retryable: false });
    expect(await client.readFile('file', 'utf8')).toBe('old ');
  });

  it('keeps its client waiting, for longer than the client waits for a silent server', async () => {
    const { connect, server } = await serveOld(
      async () => {
        // Each ack follows the one before by the interval of the server, not by a time of this test.
        const [{ id } = { id: 0 }] = server.connections();
        const sent = () => server.connections().find((connection) => connection.id === id)?.bytesSent ?? 0;
        for (let acks = 0, before = sent(); acks < 8;) {
          await new Promise((resolve) => setImmediate(resolve));
          if (sent() > before) acks += 1;
          before = sent();
        }
      },
      { timeouts: { progressMs: 100 } },
    );
    const client = connect({ timeouts: { responseMs: 400 } });
    expect(await codeOf(client.writeFile('file', small))).toBe('stored');
  });

  it('ends at once for an upload that the client cancels, and reads no more', async () => {
    const cancel = new AbortController();
    let reading: Promise<unknown> | undefined;
    const { connect, server } = await serveOld((upload) => {
      reading = pipeline(upload.read(), new Writable({ write: () => cancel.abort() }));
      return new Promise(() => undefined);
    });
    const client = connect();
    const ended = once(server, 'requestEnd');
    expect(await codeOf(client.writeFile('file', large, { signal: cancel.signal }))).toBe('ECANCELED');
    await ended;
    await expect(reading).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(await client.readFile('file', 'utf8')).toBe('old ');
  });

  it.each([
    ['small', small],
    ['large', large],
  ])(
    'is asked again for a %s upload whose connection is lost meanwhile, and the upload is stored once',
    async (_size, body) => {
      const aborted: boolean[] = [];
      const root = await temporaryDirectory();
      await using pair = await connectedPair({
        server: {
          storage: new DirectoryStorage(root),
          beforeCommit: async ({ signal }) => {
            if (aborted.length > 0) return void aborted.push(signal.aborted);
            const stopped = once(signal, 'abort');
            pair.cut();
            await stopped;
            aborted.push(signal.aborted);
          },
        },
      });
      const { client, server } = pair;
      expect(await codeOf(client.writeFile('file', body))).toBe('stored');
      expect(aborted).toEqual([true, false]);
      expect((await client.readFile('file')).equals(body)).toBe(true);
      expect(server.stats().totalConnections).toBe(2);
      await until(() => server.stats().activeRequests === 0);
    },
  );

  it('may return before its streams have ended, or have begun', async () => {
    const { connect } = await serveOld((upload) => {
      upload.read();
      upload.read().resume();
    });
    const client = connect();
    expect(await codeOf(client.writeFile('file', large))).toBe('stored');
    expect((await client.readFile('file')).equals(large)).toBe(true);
  });
});
