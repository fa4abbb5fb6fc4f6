/** Limits of bytes a second, over real TCP. Times are measured here, never waited for: "at least" is the claim. */
import { describe, expect, it, vi } from 'vitest';
import { MemoryStorage, type FileClient, type FileServerOptions } from '../../../src/index.js';
import { Bandwidths } from '../../../src/server/access/bandwidths.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, type Served } from '../../support/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/wire.js';

const KIB = 1024;

async function serveFile(bytes: number, options: FileServerOptions): Promise<Served> {
  const storage = new MemoryStorage();
  const filler = await serve({ storage });
  const client = filler.connect();
  await client.writeFile('file', bytesOf(bytes));
  await client.close();
  return serve({ storage, ...options });
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
  let moved = 0;
  download.on('data', (chunk: Buffer) => (moved += chunk.length));
  await until(() => moved > 0 || download.destroyed);
  return download;
}

describe('bandwidth', () => {
  it('of a connection bounds its downloads and its uploads, each for itself', async () => {
    const bandwidth = { connection: { download: 400 * KIB, upload: 800 * KIB } };
    const { connect } = await serveFile(200 * KIB, { bandwidth });
    const client = connect();
    await client.connect();
    // A tenth of a second is given in advance, and the last piece, a sixteenth, is paid for by nobody.
    expect(await msOf(client.readFile('file'))).toBeGreaterThan(330);
    const uploadMs = await msOf(client.writeFile('new', bytesOf(400 * KIB, 2)));
    expect(uploadMs).toBeGreaterThan(330);
    expect(Buffer.compare(await client.readFile('new'), bytesOf(400 * KIB, 2))).toBe(0);
  });

  it('of the server is shared by all, and nobody starves', async () => {
    const { connect } = await serveFile(300 * KIB, { bandwidth: { download: 800 * KIB } });
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
    expect(Math.min(...(ends[0] ?? []))).toBeGreaterThan(100 * KIB);
  });

  it('of the server bounds uploads of several connections together', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), bandwidth: { upload: 800 * KIB } });
    const clients = [connect(), connect()];
    await Promise.all(clients.map((client) => client.connect()));
    const uploads = clients.map((client, index) => client.writeFile(`${index}`, bytesOf(300 * KIB)));
    expect(await msOf(Promise.all(uploads))).toBeGreaterThan(500);
  });

  it('of an identity is shared by its connections, and no affair of others', async () => {
    const { connect } = await serveFile(200 * KIB, {
      authenticate: ({ user = '' }) => ({
        name: user,
        bandwidth: user === 'ann' ? { download: 400 * KIB } : undefined,
      }),
    });
    const [ann, again, bob] = ['ann', 'ann', 'bob'].map((user) => connect({ user }));
    const annMs = msOf(Promise.all([ann?.readFile('file'), again?.readFile('file')]));
    let annEnded = false;
    void annMs.then(() => (annEnded = true));
    await bob?.readFile('file');
    expect(annEnded).toBe(false);
    expect(await annMs).toBeGreaterThan(770);
  });

  it('does not hold up what carries no file, nor a cancel', async () => {
    // Each piece of the file puts the next one off for ten seconds.
    const { server, connect } = await serveFile(8 * KIB, { bandwidth: { connection: { download: 50 } } });
    const client = connect();
    const download = await held(client);
    const sinceMs = msOf(client.stat('file').then(() => client.ping()));
    expect(await sinceMs).toBeLessThan(5_000);
    download.destroy();
    await until(() => server.stats().activeRequests === 0);
    expect(server.stats().bytesSent).toBeLessThan(2 * KIB);
  });

  it('does not hold up closing, of either end', async () => {
    const bandwidth = { connection: { download: 4 * KIB, upload: 4 * KIB } };
    const { server, connect } = await serveFile(1_000 * KIB, { bandwidth });
    const [downloading, uploading, leaving] = [connect(), connect(), connect()];
    await held(downloading);
    const upload = uploading.writeFile('new', bytesOf(1_000 * KIB)).catch((error: unknown) => error);
    await leaving.writeFile('small', bytesOf(4 * KIB));
    expect(await msOf(leaving.close())).toBeLessThan(1_000);
    expect(await msOf(server.close({ graceMs: 0 }))).toBeLessThan(3_000);
    expect(server.stats().connections).toBe(0);
    uploading.destroy();
    await upload;
  });

  it('does not hold up the end of a connection whose last word is said', async () => {
    const { server, port } = await serveFile(0, { bandwidth: { connection: { upload: 50 } } });
    const wire = await Wire.connect(port);
    wire.send(`hello version=1\n${'ping token=1\n'.repeat(60_000)}`);
    await until(() => server.stats().bytesReceived > 0);
    const closed = msOf(server.close());
    await wire.rest();
    wire.socket.end();
    expect(await closed).toBeLessThan(1_500);
  });

  it('keeps nothing of an identity whose connections are closed', async () => {
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

  it('is nobody’s silence, stall or slowness', async () => {
    const { server, connect } = await serveFile(24 * KIB, {
      bandwidth: { connection: { download: 16 * KIB, upload: 16 * KIB } },
      limits: { minBytesPerSecond: 100_000 },
      timeouts: { idleMs: 100, deadMs: 300, stallMs: 300 },
    });
    let lost: unknown;
    server.on('disconnection', (_connection, error) => (lost ??= error));
    const client = connect({ timeouts: { idleMs: 100, deadMs: 300, stallMs: 1_000 }, reconnect: false });
    expect((await client.readFile('file')).length).toBe(24 * KIB);
    expect(await msOf(client.writeFile('new', bytesOf(40 * KIB)))).toBeGreaterThan(2_000);
    await Promise.all([0, 1, 2, 3].map((index) => client.writeFile(`${index}`, bytesOf(8 * KIB))));
    expect(lost).toBeUndefined();
  });

  it('still lets a client be found out that sends nothing', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      bandwidth: { connection: { upload: 100 * KIB } },
      timeouts: { stallMs: 300 },
    });
    const upload = connect({ reconnect: false }).upload('new');
    const failed = new Promise<unknown>((resolve) => upload.on('error', resolve));
    upload.write(bytesOf(10 * KIB));
    expect(await failed).toMatchObject({ code: 'ETIMEDOUT' });
    expect(server.stats().failedRequests).toBe(1);
  });
});
