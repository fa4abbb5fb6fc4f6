/** An operator ends connections: what clients and the server's events get, and whether a client returns. */
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type ConnectionInfo,
  type DisconnectOptions,
  type FileServerOptions,
  type RequestSummary,
  type TransferError,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { Wire } from '../../support/frames/wire.js';
import { serveSecured, tlsSocket, trusting } from '../../support/servers/secured.js';
import { serve, serveFiles, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const REASON = 'The operator of the server has ended the connection.';

function serveUsers(options: FileServerOptions = {}): Promise<Served> {
  const authenticate = ({ user = '' }): { name: string } => ({ name: user });
  return serve({ storage: new MemoryStorage(), authenticate, ...options });
}

async function failureOf(request: Promise<unknown>): Promise<TransferError> {
  return request.then(
    () => expect.unreachable('It succeeded.'),
    (error: unknown) => error as TransferError,
  );
}

describe('disconnect()', () => {
  it.each(['text', 'json', 'xml', 'binary'] as const)(
    'ends a connection by its id, and its requests with an error that is not repeated, in %s',
    async (codec) => {
      const { server, connect } = await serveFiles({ a: bytesOf(20_000_000) });
      const [client, other] = [connect({ codec }), connect({ codec })];
      const states: string[] = [];
      client.on('state', ({ status }) => states.push(status));
      const download = client.download('a');
      const failure = once(download, 'error');
      await once(download, 'readable');
      await other.ping();
      const ends: RequestSummary[] = [];
      server.on('requestEnd', (summary) => ends.push(summary));
      const end = once(server, 'disconnect');
      expect(server.disconnect(1)).toBe(1);
      expect(await failure).toMatchObject([{ code: 'ESHUTDOWN', reason: REASON, retryable: false }]);
      expect(await end).toMatchObject([{ id: 1 }, { code: 'ESHUTDOWN', reason: REASON }]);
      await until(() => ends.length === 1);
      expect(ends).toMatchObject([{ operation: 'download', error: { code: 'ESHUTDOWN' } }]);
      expect(server.connections().map(({ id }) => id)).toEqual([2]);
      await wait(300);
      expect(states).toEqual(['connecting', 'connected', 'disconnected']);
      expect(server.stats()).toMatchObject({ totalConnections: 2, connections: 1 });
      await other.ping();
    },
  );

  it('ends all connections of a user, and no other', async () => {
    const { server, connect } = await serveUsers();
    const clients = ['ann', 'bob', 'ann', 'annie'].map((user) => connect({ user, reconnect: false }));
    for (const client of clients) await client.ping();
    const gone: ConnectionInfo[] = [];
    server.on('disconnect', (info) => gone.push(info));
    expect(server.disconnect('ann')).toBe(2);
    await until(() => gone.length === 2);
    expect(gone.map(({ user }) => user)).toEqual(['ann', 'ann']);
    expect(server.connections().map(({ user }) => user)).toEqual(['bob', 'annie']);
    expect(server.disconnect('ann')).toBe(0);
    expect(server.disconnect('carol')).toBe(0);
    expect(server.disconnect(99)).toBe(0);
    // The id of a connection is no name, and a name is no id.
    expect(server.disconnect('2')).toBe(0);
  });

  it('lets a persistent client return by itself with retryAfterMs only, and not before', async () => {
    const { server, connect } = await serveUsers();
    const client = connect({ user: 'ann', connection: 'persistent', reconnect: { minDelayMs: 1 } });
    await client.connect();
    const began = performance.now();
    const returned = once(client, 'connect');
    expect(server.disconnect('ann', { retryAfterMs: 200, reason: 'Moving.' })).toBe(1);
    await returned;
    expect(performance.now() - began).toBeGreaterThan(190);
    const states: string[] = [];
    client.on('state', ({ status }) => states.push(status));
    server.disconnect('ann');
    await until(() => states.includes('disconnected'));
    await wait(300);
    expect(states).not.toContain('connected');
    expect(server.stats().connections).toBe(0);
  });

  it('with retryAfterMs lets a download continue after the time', async () => {
    const { server, connect } = await serveFiles({ a: bytesOf(20_000_000) });
    const client = connect({ reconnect: { minDelayMs: 1 } });
    const download = client.download('a');
    await once(download, 'readable');
    server.disconnect(1, { retryAfterMs: 0 });
    const chunks: Buffer[] = [];
    for await (const chunk of download as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytesOf(20_000_000))).toBe(true);
    expect(server.stats().totalConnections).toBe(2);
  });

  it('does not keep a program from connecting again', async () => {
    const { server, connect } = await serveUsers();
    const client = connect({ user: 'ann' });
    await client.ping();
    server.disconnect('ann');
    await once(client, 'disconnect');
    await client.ping();
    expect(server.connections()).toMatchObject([{ id: 2, user: 'ann' }]);
  });

  it('suspends an upload, which the user can resume later', async () => {
    const { server, connect } = await serveUsers();
    const client = connect({ user: 'ann' });
    const upload = client.upload('a', { size: 200_000 });
    upload.write(bytesOf(100_000));
    await until(() => server.connections()[0]?.requests[0]?.bytes === 100_000);
    const failed = once(upload, 'error');
    const ended = once(server, 'requestEnd');
    server.disconnect('ann');
    expect(await failed).toMatchObject([{ code: 'ESHUTDOWN', retryable: false }]);
    expect(await ended).toMatchObject([{ operation: 'upload', path: 'a', error: { code: 'ESHUTDOWN' } }]);
    expect(await client.exists('a')).toBe(false);
  });

  it('tells a client without a codec of its own, line by line', async () => {
    const { server, port } = await serveFiles();
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    await wire.line();
    server.disconnect(1, { reason: 'Good bye.', retryAfterMs: 60_000 });
    expect(await wire.rest()).toBe(
      'error code=ESHUTDOWN message=Good%20bye. retryable=true retryAfter=60000\n',
    );
    expect(server.connections()).toMatchObject([{ state: 'closing' }]);
    // It is ending already.
    expect(server.disconnect(1)).toBe(0);
  });

  it('ends connections whose handshake or TLS handshake is not complete, by their ids', async () => {
    const { server, port } = await serveSecured();
    const half = await Wire.connect(port);
    const secured = tlsSocket(port);
    secured.on('end', () => secured.end()).resume();
    await once(secured, 'secureConnect');
    await until(() => server.connections().length === 2);
    expect([server.disconnect(1), server.disconnect(2)]).toEqual([1, 1]);
    expect(await half.rest()).toBe('');
    if (!secured.closed) await once(secured, 'close');
    await until(() => server.connections().length === 0);
  });

  it('ends a login that is being checked, and never serves it', async () => {
    let admit: (() => void) | undefined;
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      authenticate: () => new Promise((resolve) => (admit = () => resolve({ name: 'ann' }))),
    });
    const failure = failureOf(connect({ user: 'ann' }).ping());
    await until(() => admit !== undefined);
    expect(server.disconnect('ann')).toBe(0);
    expect(server.disconnect(1)).toBe(1);
    admit?.();
    expect(await failure).toMatchObject({ code: 'ESHUTDOWN', retryable: false });
    expect(server.stats()).toMatchObject({ servedRequests: 0, totalConnections: 1 });
  });

  it('closes the connection of a client that does not read, after some seconds', async () => {
    const { server, port } = await serveFiles({ a: bytesOf(50_000_000) });
    const wire = await Wire.connect(port);
    wire.socket.pause();
    wire.send('hello version=1\nopen id=1 op=download path=a window=50000000\n');
    await until(() => (server.connections()[0]?.bytesSent ?? 0) > 100_000);
    const end = once(server, 'disconnect');
    expect(server.disconnect(1)).toBe(1);
    await end;
    expect(server.connections()).toEqual([]);
    expect(server.stats()).toMatchObject({ connections: 0, activeRequests: 0 });
  });

  it('ends connections that the program has passed to the server', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    onTestFinished(() => server.close());
    const [near, far] = duplexPair();
    server.accept(far);
    const client = new FileClient({ connect: () => near, reconnect: false });
    onTestFinished(() => client.destroy());
    await client.ping();
    const end = once(client, 'disconnect');
    expect(server.disconnect(1)).toBe(1);
    expect(await end).toMatchObject([{ code: 'ESHUTDOWN', reason: REASON }]);
  });

  it.each([
    [undefined, {}, 'not undefined'],
    [null, {}, 'not null'],
    [1.5, {}, 'not number'],
    [1, { reason: 'a\nb' }, 'reason'],
    [1, { retryAfterMs: -1 }, 'retryAfterMs'],
    [1, { retryAfterMs: 60_001 }, 'retryAfterMs'],
    [1, { code: 'EAUTH' }, 'no option code'],
  ])('throws a TypeError for %j with %j', async (target, options, message) => {
    const { server, connect } = await serveFiles();
    await connect().ping();
    const wrong = (): number => server.disconnect(target as number, options as DisconnectOptions);
    expect(wrong).toThrow(TypeError);
    expect(wrong).toThrow(message);
    expect(server.connections()).toMatchObject([{ state: 'open' }]);
  });
});

it('a client over TLS gets the reason, too', async () => {
  const { server, connect } = await serveSecured();
  const client = connect({ tls: trusting });
  await client.ping();
  const end = once(client, 'disconnect');
  server.disconnect(1, { reason: 'Maintenance.' });
  expect(await end).toMatchObject([{ code: 'ESHUTDOWN', reason: 'Maintenance.' }]);
});
