/** The life of a server: listening, ordering, limiting, reporting, closing. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type FileServerOptions,
  type RequestSummary,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, storageOf, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/frames/wire.js';

describe('listening', () => {
  it('is on loopback unless a host is given, and resolves with the server', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    expect(server.address()).toBeNull();
    expect(await server.listen(0)).toBe(server);
    expect(server.address()).toMatchObject({ address: '127.0.0.1' });
    await server.close();
    expect(server.address()).toBeNull();
  });

  it('takes the options of net', async () => {
    await using server = new FileServer({ storage: new MemoryStorage() });
    await server.listen({ port: 0, host: '127.0.0.1', backlog: 5 });
    expect((server.address() as AddressInfo).port).toBeGreaterThan(0);
  });

  it('fails with a code if the port is in use, and can then listen elsewhere', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    await using server = new FileServer({ storage: new MemoryStorage() });
    const taken = server.listen((other.address() as AddressInfo).port);
    await expect(taken).rejects.toMatchObject({ name: 'TransferError', code: 'EADDRINUSE' });
    await server.listen(0);
    await expect(server.listen(0)).rejects.toThrow(TypeError);
  });

  it('reports the chosen port, or none for a socket path', async () => {
    await using server = new FileServer({ storage: new MemoryStorage() });
    expect(() => server.port).toThrow(TypeError);
    await server.listen(0);
    expect(server.port).toBe((server.address() as AddressInfo).port);
    await server.close();
    expect(() => server.port).toThrow('The server does not listen on a port.');
  });

  it('fails with a code if the root does not exist', async () => {
    const root = path.join(await temporaryDirectory(), 'missing');
    await using server = new FileServer({ root });
    await expect(server.listen(0)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('without root and storage serves the current directory, with a hint how to allow writing', async () => {
  const directory = await temporaryDirectory();
  await writeFile(path.join(directory, 'here.txt'), 'here');
  await mkdir(path.join(directory, 'sub'));
  const before = process.cwd();
  process.chdir(directory);
  onTestFinished(() => process.chdir(before));
  await using server = await new FileServer({ codec: 'json' }).listen(0);
  await using client = new FileClient({ port: server.port, codec: 'json' });
  expect(await client.readFile('here.txt', 'utf8')).toBe('here');
  const refused = { code: 'EROFS', message: expect.stringContaining('pass root or storage') as string };
  await expect(client.writeFile('new.txt', 'x')).rejects.toMatchObject(refused);
  await expect(client.mkdir('new')).rejects.toMatchObject(refused);
  await expect(client.remove('here.txt')).rejects.toMatchObject(refused);
  await expect(client.rename('here.txt', 'there.txt')).rejects.toMatchObject(refused);
  await expect(client.copy('here.txt', 'there.txt')).rejects.toMatchObject(refused);
});

describe('time limits', () => {
  it('close a connection on which no hello arrives', async () => {
    const { port } = await serve({ storage: new MemoryStorage(), timeouts: { handshakeMs: 30 } });
    for (const said of ['', 'hel', '{"ty']) {
      const wire = await Wire.connect(port);
      if (said !== '') wire.send(said);
      expect(await wire.rest()).toMatch(/^\W*error code=ETIMEDOUT |"code":"ETIMEDOUT"/);
    }
  });

  it('end an upload whose bytes do not arrive, and a download that the client does not read', async () => {
    const storage = await storageOf({ big: bytesOf(1_000_000) });
    const { port, connect: connectClient } = await serve({ storage, timeouts: { stallMs: 50 } });
    const wire = await Wire.connect(port);
    wire.send('hello version=1\nopen id=1 op=upload path=x\nopen id=3 op=download path=big window=0\n');
    const lines = [];
    while (lines.length < 5) lines.push(await wire.line());
    expect(lines.filter((line) => line?.startsWith('error code=ETIMEDOUT id='))).toHaveLength(2);
    expect(await connectClient().exists('x')).toBe(false);
  });

  it('close a connection that is silent for too long, but not one whose client answers pings', async () => {
    const {
      server,
      port,
      connect: connectClient,
    } = await serve({
      storage: new MemoryStorage(),
      keepAlive: { intervalMs: 20, timeoutMs: 60 },
    });
    const alive = connectClient();
    await alive.connect();
    const disconnected = once(server, 'disconnect');
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    const [connection] = (await disconnected) as [{ remotePort: number }];
    expect(connection.remotePort).toBe(wire.socket.localPort);
    expect(await wire.rest()).toMatch(/\nping token=1\n/);
    expect(await alive.ping()).toBeGreaterThanOrEqual(0);
    expect(server.stats().connections).toBe(1);
  });
});

it('a server refuses connections beyond its limit with an error', async () => {
  const { port, connect: connectClient } = await serve({
    storage: new MemoryStorage(),
    limits: { maxConnections: 1 },
  });
  await connectClient().connect();
  const refused = new FileClient({ port });
  await expect(refused.connect()).rejects.toMatchObject({ code: 'EAGAIN' });
});

it('a server reports connections and requests by events and counts', async () => {
  const { server, connect: connectClient } = await serve({ storage: new MemoryStorage() });
  const reports: RequestSummary[] = [];
  server.on('requestEnd', (report) => reports.push(report));
  const connected = once(server, 'connection');
  const client = connectClient({ codec: 'xml' });
  await client.writeFile('a', 'four');
  await client.readFile('a');
  await client.stat('b').catch(() => undefined);
  const [connection] = await connected;
  expect(connection).toMatchObject({ id: 1, remoteAddress: '127.0.0.1', codec: 'xml' });
  expect(reports).toMatchObject([
    { operation: 'upload', path: 'a', bytes: 4, error: undefined },
    { operation: 'download', path: 'a', bytes: 4, error: undefined },
    { operation: 'stat', path: 'b', bytes: 0, error: { code: 'ENOENT' } },
  ]);
  expect(server.stats()).toMatchObject({
    connections: 1,
    totalConnections: 1,
    activeRequests: 0,
    queuedRequests: 0,
    servedRequests: 2,
    failedRequests: 1,
  });
  expect(server.stats().bytesReceived).toBeGreaterThan(100);
  expect(server.stats().bytesSent).toBeGreaterThan(100);
});

it('a server distinguishes several codecs, and refuses those that it was not given', async () => {
  const { connect: connectClient } = await serve({ storage: new MemoryStorage(), codec: ['json', 'binary'] });
  expect(await connectClient({ codec: 'json' }).exists('x')).toBe(false);
  expect(await connectClient({ codec: 'binary' }).exists('x')).toBe(false);
  await expect(connectClient({ codec: 'xml' }).exists('x')).rejects.toMatchObject({ code: 'EPROTO' });
});

describe('closing', () => {
  it('lets running requests end, informs their clients, and accepts nothing new', async () => {
    const { server, port, connect: connectClient } = await serve({ storage: new MemoryStorage() });
    const [busy, idle] = [connectClient(), connectClient()];
    await idle.connect();
    const upload = busy.upload('late');
    upload.write('x');
    await until(() => server.stats().activeRequests === 1);
    const idleGone = once(idle, 'disconnect');
    const closed = server.close();
    expect(await idleGone).toEqual([undefined]);
    const socket = connect(port, '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    upload.end('y');
    expect((await upload.completed).size).toBe(2);
    await Promise.all([closed, server.close()]);
    expect(server.stats().connections).toBe(0);
    await expect(server.listen(0)).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    expect(() => server.endpoint()).toThrow(expect.objectContaining({ code: 'ESHUTDOWN' }));
  });

  it('cancels with ESHUTDOWN the requests that exceed the grace period', async () => {
    const { server, connect: connectClient } = await serve({ storage: new MemoryStorage() });
    const upload = connectClient({ reconnect: false }).upload('never');
    const failure = once(upload, 'finish');
    upload.write('x');
    await until(() => server.stats().activeRequests === 1);
    const failed = expect(failure).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    await Promise.all([server.close({ graceMs: 20 }), failed]);
    expect(server.stats()).toMatchObject({ connections: 0, activeRequests: 0, failedRequests: 1 });
  });
});

describe('a wrong option of a server throws synchronously', () => {
  it.each([
    [{ rot: '.' }, /no option rot/],
    [{ root: '.', storage: new MemoryStorage() }, /not both/],
    [{ codec: 'yaml' }, /must be one of text, json, xml, binary, .* not .yaml./],
    [{ codec: [] }, /at least one codec/],
    [{ strategy: 'fast' }, /option strategy/],
    [{ permissions: ['read', 'reed'] }, /permissions may contain read, write, delete, list, call, not reed/],
    [{ permissions: 'read' }, /permissions must be an array/],
    [{ limits: { maxChannels: 1 } }, /limits.maxChannels/],
    [{ limits: { maxChanels: 64 } }, /no option maxChanels/],
    [{ timeouts: { handshakeMs: 0 } }, /timeouts.handshakeMs/],
  ])('%j', (options, message) => {
    expect(() => new FileServer(options as FileServerOptions)).toThrow(TypeError);
    expect(() => new FileServer(options as FileServerOptions)).toThrow(message);
  });
});
