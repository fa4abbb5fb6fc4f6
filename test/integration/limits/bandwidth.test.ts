/** Limits of bytes a second: over TCP, where "at least" is the claim, and in memory, in virtual time. */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type FileClientOptions,
  type FileServerOptions,
} from '../../../src/index.js';
import { Bandwidths } from '../../../src/server/access/bandwidths.js';
import { bytesOf } from '../../support/bytes.js';
import { connectionTo, serve, storageOf, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { inVirtualTime, pause } from '../../support/doubles/virtual-time.js';
import { Wire } from '../../support/frames/wire.js';

const KIB = 1024;
const MAX_VIRTUAL_MS = 600_000;

const file = bytesOf(1_000 * KIB);

async function serveFile(bytes: number, options: FileServerOptions): Promise<Served> {
  return serve({ storage: await storageOf({ file: file.subarray(0, bytes) }), ...options });
}

/** A server of a file for clients in memory, and work in virtual time. */
async function virtually(
  { bytes, ...options }: FileServerOptions & { bytes: number },
  work: (server: FileServer, connect: (options?: FileClientOptions) => FileClient) => Promise<void>,
): Promise<void> {
  const storage = await storageOf({ file: file.subarray(0, bytes) });
  await inVirtualTime(MAX_VIRTUAL_MS, async () => {
    const server = new FileServer({ storage, ...options });
    const clients: FileClient[] = [];
    await work(server, (clientOptions) => {
      const client = new FileClient({ connect: () => connectionTo(server), ...clientOptions });
      clients.push(client);
      return client;
    });
    for (const client of clients) client.destroy();
    server.destroy();
    await server.close();
    // The timers of destroyed objects.
    await pause(60_000);
  });
}

async function msOf(promise: Promise<unknown>): Promise<number> {
  const since = performance.now();
  await promise;
  return performance.now() - since;
}

/** A download that has begun and whose limit holds it up. */
async function held(client: FileClient): Promise<ReturnType<FileClient['download']>> {
  const download = client.download('file').resume();
  download.on('error', () => undefined);
  await once(download, 'data');
  return download;
}

describe('a bandwidth limit', () => {
  it('of a connection applies to its downloads and its uploads separately', async () => {
    const bandwidth = { connection: { download: 400 * KIB, upload: 800 * KIB } };
    const { connect } = await serveFile(200 * KIB, { bandwidth });
    const client = connect();
    await client.connect();
    // A tenth of a second is granted in advance, and the last piece, a sixteenth, is not accounted for.
    expect(await msOf(client.readFile('file'))).toBeGreaterThan(330);
    const uploadMs = await msOf(client.writeFile('new', bytesOf(400 * KIB, 2)));
    expect(uploadMs).toBeGreaterThan(330);
    expect(Buffer.compare(await client.readFile('new'), bytesOf(400 * KIB, 2))).toBe(0);
  });

  it('of the server is shared by all connections without starvation', () =>
    virtually({ bytes: 300 * KIB, bandwidth: { download: 800 * KIB } }, async (_server, connect) => {
      const clients = Array.from({ length: 4 }, () => connect());
      await Promise.all(clients.map((client) => client.connect()));
      const downloads = clients.map((client) => client.download('file'));
      const moved = downloads.map(() => 0);
      const ends: number[][] = [];
      const since = performance.now();
      await Promise.all(
        downloads.map(async (download, index) => {
          for await (const chunk of download) moved[index] = (moved[index] ?? 0) + (chunk as Buffer).length;
          ends.push([...moved]);
        }),
      );
      expect(performance.now() - since).toBeGreaterThan(1_140);
      expect(performance.now() - since).toBeLessThan(1_600);
      expect(Math.min(...(ends[0] ?? []))).toBeGreaterThan(100 * KIB);
    }));

  it('of the server applies to the uploads of several connections together', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), bandwidth: { upload: 800 * KIB } });
    const clients = [connect(), connect()];
    await Promise.all(clients.map((client) => client.connect()));
    const uploads = clients.map((client, index) => client.writeFile(`${index}`, bytesOf(300 * KIB)));
    expect(await msOf(Promise.all(uploads))).toBeGreaterThan(500);
  });

  it('of an identity is shared by its connections, and does not slow others', () => {
    const authenticate: FileServerOptions['authenticate'] = ({ user = '' }) => ({
      name: user,
      bandwidth: user === 'ann' ? { download: 400 * KIB } : undefined,
    });
    return virtually({ bytes: 200 * KIB, authenticate }, async (_server, connect) => {
      const [ann, again, bob] = [
        connect({ user: 'ann' }),
        connect({ user: 'ann' }),
        connect({ user: 'bob' }),
      ];
      const annMs = msOf(Promise.all([ann.readFile('file'), again.readFile('file')]));
      expect(await msOf(bob.readFile('file'))).toBeLessThan(10);
      expect(await annMs).toBeGreaterThan(770);
    });
  });

  it('does not delay frames without file content, nor a cancel', () =>
    // Each piece of the file puts the next one off for ten seconds.
    virtually({ bytes: 8 * KIB, bandwidth: { connection: { download: 50 } } }, async (server, connect) => {
      const client = connect();
      const download = await held(client);
      expect(await msOf(client.stat('file').then(() => client.ping()))).toBeLessThan(10);
      download.destroy();
      await client.ping();
      expect(server.stats().activeRequests).toBe(0);
      expect(server.stats().bytesSent).toBeLessThan(2 * KIB);
    }));

  it('does not delay the close of either end', () => {
    const bandwidth = { connection: { download: 4 * KIB, upload: 4 * KIB } };
    return virtually({ bytes: 1_000 * KIB, bandwidth }, async (server, connect) => {
      const [downloading, uploading, leaving] = [connect(), connect(), connect()];
      await held(downloading);
      const upload = uploading.writeFile('new', bytesOf(1_000 * KIB)).catch((error: unknown) => error);
      await leaving.writeFile('small', bytesOf(4 * KIB));
      expect(await msOf(leaving.close())).toBeLessThan(10);
      expect(await msOf(server.close({ graceMs: 0 }))).toBeLessThan(3_000);
      expect(server.stats().connections).toBe(0);
      uploading.destroy();
      await upload;
    });
  });

  it('does not delay the end of a connection after its last frame', async () => {
    const { server, port } = await serveFile(0, { bandwidth: { connection: { upload: 50 } } });
    const wire = await Wire.connect(port);
    wire.send(`hello version=1\n${'ping token=1\n'.repeat(60_000)}`);
    await until(() => server.stats().bytesReceived > 0);
    const closed = server.close({ graceMs: 600_000 });
    await wire.rest();
    wire.socket.end();
    await closed;
  });

  it('keeps no state of an identity after its connections are closed', async () => {
    const enter = vi.spyOn(Bandwidths.prototype, 'enter');
    const leave = vi.spyOn(Bandwidths.prototype, 'leave');
    const { connect } = await serve({
      storage: new MemoryStorage(),
      authenticate: ({ user = '' }) => ({ name: user }),
    });
    const client = connect({ user: 'ann' });
    await client.connect();
    expect(enter).toHaveBeenCalledTimes(1);
    expect(leave).not.toHaveBeenCalled();
    await client.close();
    await until(() => leave.mock.calls.length > 0);
    expect(leave).toHaveBeenCalledExactlyOnceWith({ name: 'ann' });
  });

  it('does not count as silence, a stall or a low rate', () => {
    const options: FileServerOptions = {
      bandwidth: { connection: { download: 16 * KIB, upload: 16 * KIB } },
      limits: { minBytesPerSecond: 100_000 },
      keepAlive: { intervalMs: 100, timeoutMs: 300 },
      timeouts: { stallMs: 300 },
    };
    return virtually({ bytes: 24 * KIB, ...options }, async (server, connect) => {
      let lost: unknown;
      server.on('disconnect', (_connection, error) => (lost ??= error));
      const client = connect({
        keepAlive: { intervalMs: 100, timeoutMs: 300 },
        timeouts: { stallMs: 1_000 },
        reconnect: false,
      });
      expect((await client.readFile('file')).length).toBe(24 * KIB);
      expect(await msOf(client.writeFile('new', bytesOf(40 * KIB)))).toBeGreaterThan(2_000);
      await Promise.all([0, 1, 2, 3].map((index) => client.writeFile(`${index}`, bytesOf(8 * KIB))));
      expect(lost).toBeUndefined();
    });
  });

  it('does not hide a client that sends nothing', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      bandwidth: { connection: { upload: 100 * KIB } },
      timeouts: { stallMs: 300 },
    });
    const upload = connect().upload('new');
    upload.on('error', () => undefined);
    const ended = once(server, 'requestEnd');
    upload.write(bytesOf(10 * KIB));
    expect((await ended)[0]).toMatchObject({ error: { code: 'ETIMEDOUT' } });
    expect(server.stats().failedRequests).toBe(1);
  });
});
