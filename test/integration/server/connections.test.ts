/** What a server tells of its connections and their requests. */
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type ConnectionSnapshot, type FileServer } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { Wire } from '../../support/frames/wire.js';
import { serveSecured, trusting } from '../../support/servers/secured.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

function only(server: FileServer): ConnectionSnapshot {
  const [connection, ...others] = server.connections();
  if (!connection || others.length > 0) throw new Error(`There are ${server.connections().length}.`);
  return connection;
}

describe('connections()', () => {
  it('is empty without connections, and tells of each from its acceptance to its end', async () => {
    const before = Date.now();
    const { server, port } = await serveFiles({ a: 'four' });
    expect(server.connections()).toEqual([]);
    const wire = await Wire.connect(port);
    await until(() => server.connections().length === 1);
    const { remotePort, connectedAt } = only(server);
    expect(only(server)).toEqual({
      id: 1,
      remoteAddress: '127.0.0.1',
      remotePort: wire.socket.localPort,
      encrypted: false,
      user: undefined,
      codec: undefined,
      state: 'handshake',
      connectedAt: expect.any(Date) as Date,
      agent: undefined,
      tls: undefined,
      bytesReceived: 0,
      bytesSent: 0,
      requests: [],
    });
    expect(remotePort).toBeGreaterThan(0);
    expect(connectedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(connectedAt.getTime()).toBeLessThanOrEqual(Date.now());
    const hello = 'hello version=1 agent=test/1\n';
    wire.send(hello);
    const welcome = await wire.line();
    expect(only(server)).toMatchObject({
      state: 'open',
      codec: 'text',
      agent: 'test/1',
      connectedAt,
      bytesReceived: hello.length,
      bytesSent: String(welcome).length + 1,
    });
    wire.send('hello version=1\n');
    await wire.rest();
    expect(only(server)).toMatchObject({ state: 'closing' });
    const end = once(server, 'disconnect');
    wire.socket.end();
    await end;
    expect(server.connections()).toEqual([]);
  });

  it('tells the user after the login, and the version and cipher of TLS after its handshake', async () => {
    const { server, connect } = await serveSecured({ authenticate: () => ({ name: 'ann' }) });
    await connect({ tls: trusting, user: 'a', password: 'b' }).ping();
    expect(only(server)).toMatchObject({
      user: 'ann',
      encrypted: true,
      tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) as string },
    });
  });

  it('tells nothing of TLS during the handshake of a socket that the program has passed', async () => {
    const { server } = await serveFiles();
    const [ours, theirs] = duplexPair();
    server.accept(new TLSSocket(ours, { isServer: true }));
    expect(only(server)).toMatchObject({ state: 'handshake', encrypted: true, tls: undefined });
    theirs.destroy();
    server.destroy();
    expect(only(server).tls).toBeUndefined();
  });

  it('keeps a snapshot as it is', async () => {
    const { server, connect } = await serveFiles({ a: 'four' });
    const client = connect();
    await client.ping();
    const before = only(server);
    const copy = structuredClone(before);
    await client.readFile('a');
    expect(before).toEqual(copy);
    expect(only(server).bytesSent).toBeGreaterThan(before.bytesSent);
  });

  it('cuts the agent of a client to 200 characters', async () => {
    const { server, port } = await serveFiles();
    const wire = await Wire.connect(port);
    wire.send(`hello version=1 agent=${'é'.repeat(1_000)}\n`);
    await wire.line();
    expect(only(server).agent).toBe('é'.repeat(200));
  });

  it('lists connections in the order of their acceptance, also rejected ones', async () => {
    const { server, port, connect } = await serve({
      storage: new MemoryStorage(),
      limits: { maxConnections: 2 },
    });
    await connect().ping();
    await connect().ping();
    await Wire.connect(port);
    await until(() => server.connections().length === 3);
    expect(server.connections().map(({ id, state }) => [id, state])).toEqual([
      [1, 'open'],
      [2, 'open'],
      [3, 'handshake'],
    ]);
    expect(server.stats().connections).toBe(2);
  });
});

describe('the requests of a connection', () => {
  it('tell how far an upload is, and whether another request waits', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      strategy: 'blocking',
    });
    const client = connect();
    const before = Date.now();
    const upload = client.upload('slow');
    upload.write(bytesOf(100_000));
    await until(() => server.connections()[0]?.requests[0]?.bytes === 100_000);
    await wait(50);
    const waiting = client.stat('slow').catch(() => undefined);
    await until(() => only(server).requests.length === 2);
    const { requests, connectedAt } = only(server);
    expect(requests).toEqual([
      {
        id: 1,
        requestId: expect.any(String) as string,
        operation: 'upload',
        path: 'slow',
        target: undefined,
        state: 'running',
        startedAt: expect.any(Date) as Date,
        bytes: 100_000,
        bytesPerSecond: expect.any(Number) as number,
      },
      {
        id: 3,
        requestId: '1-3',
        operation: 'stat',
        path: 'slow',
        target: undefined,
        state: 'queued',
        startedAt: expect.any(Date) as Date,
        bytes: 0,
        bytesPerSecond: 0,
      },
    ]);
    const [{ startedAt, bytesPerSecond } = { startedAt: new Date(0), bytesPerSecond: 0 }] = requests;
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(before - 2);
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(connectedAt.getTime() - 2);
    expect(bytesPerSecond).toBeGreaterThan(0);
    // 100,000 bytes in more than 50 ms.
    expect(bytesPerSecond).toBeLessThan(2_000_000);
    upload.end();
    await upload.completed;
    await waiting;
    await until(() => only(server).requests.length === 0);
  });

  it('tell how far a download is', async () => {
    const { server, connect } = await serveFiles({ a: bytesOf(10_000_000) });
    const download = connect().download('a');
    await once(download, 'readable');
    await until(() => (server.connections()[0]?.requests[0]?.bytes ?? 0) > 0);
    expect(only(server).requests).toMatchObject([
      { operation: 'download', path: 'a', state: 'running', requestId: '1-1' },
    ]);
    download.destroy();
    await once(download, 'close');
    await until(() => only(server).requests.length === 0);
  });
});
