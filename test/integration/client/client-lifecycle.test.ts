/** The life of a client: connecting, failing, cancelling, closing. */
import { getEventListeners, once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { duplexPair, PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage, type TransferError } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { closedPort } from '../../support/servers/scripted.js';
import { serve, serveFiles, temporaryDirectory } from '../../support/servers/serve.js';

describe('connecting', () => {
  it('happens once, with the first request', async () => {
    const { server, connect: connectClient } = await serveFiles({ a: 'A' });
    const before = server.stats().totalConnections;
    const client = connectClient();
    await Promise.all([client.stat('a'), client.readFile('a'), client.ping()]);
    expect(server.stats().totalConnections).toBe(before + 1);
  });

  it('can happen ahead of requests, and fails with a code', async () => {
    const client = new FileClient({ port: await closedPort() });
    await expect(client.connect()).rejects.toMatchObject({ name: 'TransferError', code: 'ECONNREFUSED' });
  });

  it('fails every request that waits for it', async () => {
    const client = new FileClient(`tcp://127.0.0.1:${await closedPort()}`);
    const refused = { code: 'ECONNREFUSED', retryable: true };
    const download = client.download('x');
    const upload = client.upload('x');
    await Promise.all([
      expect(client.stat('x')).rejects.toMatchObject({ ...refused, operation: 'stat', path: 'x' }),
      expect(client.readFile('x')).rejects.toMatchObject({ ...refused, operation: 'download' }),
      expect(client.writeFile('x', 'y')).rejects.toMatchObject({ ...refused, operation: 'upload' }),
      expect(once(download, 'close')).rejects.toMatchObject(refused),
      expect(once(upload, 'close')).rejects.toMatchObject(refused),
      expect(client.list().next()).rejects.toMatchObject({ ...refused, operation: 'list' }),
      expect(client.ping()).rejects.toMatchObject(refused),
    ]);
    await expect(download.entry).rejects.toMatchObject(refused);
    await expect(upload.completed).rejects.toMatchObject(refused);
  });

  it('happens again with the next request after a lost connection', async () => {
    const { server, connect: connectClient } = await serveFiles({ a: 'A' });
    const client = connectClient();
    await client.stat('a');
    const lost = once(client, 'disconnect');
    for (const connection of await connections(server)) connection.destroy();
    await lost;
    expect(await client.readFile('a', 'utf8')).toBe('A');
  });

  it('accepts any Duplex, promised or not, and reports why there is none', async () => {
    const { port } = await serveFiles({ a: 'A' });
    const direct = new FileClient({ connect: () => connect(port, '127.0.0.1') });
    const promised = new FileClient({ connect: () => Promise.resolve(connect(port, '127.0.0.1')) });
    expect(await direct.readFile('a', 'utf8')).toBe('A');
    expect(await promised.readFile('a', 'utf8')).toBe('A');
    await Promise.all([direct.close(), promised.close()]);

    const reason = new Error('no route');
    const failing = new FileClient({ connect: () => Promise.reject(reason) });
    await expect(failing.stat('a')).rejects.toMatchObject({ code: 'EIO' });
  });

  it('times out when the server sends no welcome', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const client = new FileClient({ port, timeouts: { connectMs: 50 } });
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ETIMEDOUT', retryable: true });
  });

  it.skipIf(process.platform === 'win32')('works over a Unix socket', async () => {
    const socketPath = path.join(await temporaryDirectory(), 'files.sock');
    await using server = await new FileServer({ storage: new MemoryStorage() }).listen(socketPath);
    await using client = new FileClient({ socketPath: socketPath });
    await client.writeFile('a', 'A');
    expect(await client.readFile('a', 'utf8')).toBe('A');
    expect(server.address()).toBe(socketPath);
  });

  it('is not needed over endpoints: any pair of streams carries the bytes', async () => {
    await using server = new FileServer({ storage: new MemoryStorage() });
    await using client = new FileClient({ codec: 'xml' });
    const [near, far] = duplexPair();
    const ends = Promise.all([
      pipeline(far, server.endpoint(), far),
      pipeline(near, client.endpoint(), near),
    ]);
    await client.writeFile('a', bytesOf(1_000_000));
    expect(bytesOf(1_000_000).equals(await client.readFile('a'))).toBe(true);
    await client.close();
    await ends;
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });
});

async function connections(server: FileServer): Promise<{ destroy(): void }[]> {
  // The sockets of the server are private, so the test cuts them through the system, as an operator would.
  const { default: net } = await import('node:net');
  expect(server.address()).not.toBeNull();
  return (process as unknown as { _getActiveHandles(): object[] })
    ._getActiveHandles()
    .filter((handle): handle is import('node:net').Socket => handle instanceof net.Socket)
    .filter((socket) => socket.localPort === (server.address() as AddressInfo).port);
}

describe('cancelling', () => {
  it('ends a download, an upload, a listing and a call with ECANCELED, and affects no other request', async () => {
    const { connect: connectClient } = await serveFiles({ big: bytesOf(8_000_000), a: 'A' });
    const client = connectClient();
    const controller = new AbortController();
    const { signal } = controller;
    const other = client.readFile('big');
    const download = client.download('big', { signal });
    const upload = client.upload('new', { signal });
    upload.write('half');
    await download.entry;
    const failures = Promise.all([
      expect(once(download, 'end')).rejects.toMatchObject({ code: 'ECANCELED', path: 'big' }),
      expect(once(upload, 'finish')).rejects.toMatchObject({ code: 'ECANCELED', path: 'new' }),
    ]);
    controller.abort();
    await failures;
    await expect(client.stat('a', { signal })).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(client.list('/', { signal }).next()).rejects.toMatchObject({ code: 'ECANCELED' });
    expect((await other).equals(bytesOf(8_000_000))).toBe(true);
    expect(await client.exists('new')).toBe(false);
  });

  it('by a time limit fails with ETIMEDOUT', async () => {
    const { connect: connectClient } = await serveFiles({ big: bytesOf(8_000_000) });
    const download = connectClient().download('big', { signal: AbortSignal.timeout(20) });
    await expect(once(download, 'end')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('leaves no listener on a signal that many requests share', async () => {
    const { connect: connectClient } = await serveFiles({ a: 'A' });
    const client = connectClient();
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => client.readFile('a', { signal })));
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => client.writeFile(`b${index}`, 'B', { signal })),
    );
    await Promise.all(Array.from({ length: 50 }, () => client.stat('a', { signal })));
    for await (const entry of client.list('/', { signal })) expect(entry.size).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('frees the channel, so that early-ended downloads and listings do not use up maxChannels', async () => {
    const { server, connect: connectClient } = await serveFiles({ big: bytesOf(3_000_000) });
    const client = connectClient();
    for (let round = 0; round < 150; round += 1) {
      const download = client.download('big');
      await download.entry;
      download.destroy();
      for await (const entry of client.list()) {
        expect(entry.path).toBe('big');
        break;
      }
    }
    expect(await client.exists('big')).toBe(true);
    expect(server.stats().activeRequests).toBe(0);
  });
});

it('a slow reader does not delay other requests', async () => {
  const { connect: connectClient } = await serveFiles({ big: bytesOf(20_000_000), small: bytesOf(100_000) });
  const client = connectClient();
  const slow = client.download('big');
  await once(slow, 'readable');
  expect((await client.readFile('small')).length).toBe(100_000);
  expect((await client.readFile('big')).length).toBe(20_000_000);
  expect(await client.ping()).toBeGreaterThanOrEqual(0);
  expect(slow.readableLength).toBeLessThan(1_000_000);
  slow.destroy();
});

it('requests beyond the maximum number of channels wait', async () => {
  const { connect: connectClient } = await serve({
    storage: new MemoryStorage(),
    limits: { maxChannels: 16 },
  });
  const client = connectClient();
  const uploads = Array.from({ length: 100 }, (_, index) => client.writeFile(`f${index}`, bytesOf(100_000)));
  expect(await Promise.all(uploads)).toHaveLength(100);
  const waiting = Array.from({ length: 50 }, () => client.download('f0'));
  for (const download of waiting.splice(20)) download.destroy();
  for (const download of waiting) await pipeline(download, new PassThrough().resume());
});

describe('closing a client', () => {
  it('waits for active requests, refuses new ones, and can be called twice', async () => {
    const { server, connect: connectClient } = await serveFiles({ big: bytesOf(5_000_000) });
    const client = connectClient();
    const running = client.readFile('big');
    const gone = once(server, 'disconnect');
    const closed = client.close({ graceMs: 600_000 });
    await expect(client.stat('big')).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    expect((await running).length).toBe(5_000_000);
    await Promise.all([closed, client.close()]);
    const [, error] = (await gone) as [unknown, TransferError | undefined];
    expect(error).toBeUndefined();
  });

  it('aborts the requests that exceed the grace period', async () => {
    const { connect: connectClient } = await serveFiles({ big: bytesOf(20_000_000) });
    const client = connectClient();
    const download = client.download('big');
    await download.entry;
    const failed = expect(once(download, 'end')).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    await client.close({ graceMs: 10 });
    await failed;
  });

  it('without grace fails the active requests', async () => {
    const { connect: connectClient } = await serveFiles({ big: bytesOf(20_000_000) });
    const client = connectClient();
    const failed = expect(client.readFile('big')).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    client.destroy();
    await failed;
    client.destroy();
    await client.close();
  });
});

describe('a wrong option throws synchronously', () => {
  it.each([
    [{ prot: 1 }, /no option prot/],
    [{ port: 70_000 }, /option port/],
    [{ codec: 'yaml' }, /must be one of text, json, xml, binary, .* not .yaml./],
    [{ checksum: 'md5' }, /option checksum/],
    [{ port: 1, socketPath: 'x' }, /only one of them/],
    [{ limits: { windowBytes: 1 } }, /limits.windowBytes/],
    [{ timeouts: { connectMs: -1 } }, /timeouts.connectMs/],
    ['http://localhost', /tcp:/],
    ['localhost:2121', /tcp:/],
    ['tcp://host/file', /host and a port only/],
  ])('%j', (options, message) => {
    expect(() => new FileClient(options as string)).toThrow(TypeError);
    expect(() => new FileClient(options as string)).toThrow(message);
  });

  it('an unknown option of a request is a TypeError', async () => {
    const client = new FileClient({ connect: () => Promise.reject(new Error('must not connect')) });
    expect(() => client.download('x', { offest: 5 } as object)).toThrow(/no option offest/);
    await expect(client.writeFile('x', 'y', { overwite: false } as object)).rejects.toThrow(
      /no option overwite/,
    );
    await expect(client.list('/', { recursiv: true } as object).next()).rejects.toThrow(/no option recursiv/);
  });

  it('a second endpoint while the first is in use is EBUSY', () => {
    const client = new FileClient();
    client.endpoint();
    expect(() => client.endpoint()).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    client.destroy();
  });

  it('connect and ping end with their signal', async () => {
    const client = new FileClient({ connect: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = Promise.all([
      expect(client.connect({ signal })).rejects.toMatchObject({ code: 'ECANCELED' }),
      expect(client.ping({ signal })).rejects.toMatchObject({ code: 'ECANCELED' }),
    ]);
    controller.abort();
    await waiting;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    client.destroy();
  });

  it('a path that is not allowed fails the request with EILSEQ, before anything is sent', async () => {
    const client = new FileClient({ connect: () => Promise.reject(new Error('must not connect')) });
    await expect(client.stat('../x')).rejects.toMatchObject({ code: 'EILSEQ' });
    await expect(client.readFile('a\\b')).rejects.toMatchObject({ code: 'EILSEQ', operation: 'download' });
    await expect(client.writeFile('a//b', 'x')).rejects.toMatchObject({
      code: 'EILSEQ',
      operation: 'upload',
    });
  });
});
