/** The events of a server: their order, their arguments, and what happens if a listener throws. */
import { once } from 'node:events';
import { Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  MemoryStorage,
  TransferError,
  type ConnectionInfo,
  type FileServerEvents,
  type RequestSummary,
} from '../../../src/index.js';
import { connectionTo, serve, serveFiles } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

describe('requestStart', () => {
  it('is emitted before requestEnd, with the same connection, operation and path', async () => {
    const { server, connect } = await serveFiles({ a: 'four' });
    const events: unknown[] = [];
    server.on('requestStart', (request) => events.push(['start', request]));
    server.on('requestEnd', ({ connection, operation, path }) =>
      events.push(['end', { connection, operation, path }]),
    );
    const client = connect();
    await client.readFile('a');
    await client.exists('missing');
    await until(() => events.length === 4);
    const about = { connection: expect.objectContaining({ id: 1, codec: 'binary' }) as ConnectionInfo };
    const first = { id: 1, requestId: '1-1', target: undefined };
    const second = { id: 3, requestId: '1-3', target: undefined };
    expect(events).toEqual([
      ['start', { ...about, ...first, operation: 'download', path: 'a' }],
      ['end', { ...about, operation: 'download', path: 'a' }],
      ['start', { ...about, ...second, operation: 'stat', path: 'missing' }],
      ['end', { ...about, operation: 'stat', path: 'missing' }],
    ]);
  });

  it('is emitted while the request still runs, and for requests that are rejected', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      strategy: 'blocking',
      limits: { maxQueuedRequests: 0 },
    });
    const started: string[] = [];
    server.on('requestStart', ({ path = '' }) => started.push(path));
    const client = connect({ reconnect: false });
    const upload = client.upload('slow');
    upload.write('x');
    await until(() => started.length === 1);
    expect(server.stats()).toMatchObject({ activeRequests: 1, servedRequests: 0 });
    await expect(client.stat('late')).rejects.toMatchObject({ code: 'EAGAIN' });
    expect(started).toEqual(['slow', 'late']);
    upload.end();
    await upload.completed;
  });
});

describe('a listener that throws', () => {
  /** Collects exceptions instead of failing the test, as a program with its own handler does. */
  function uncaught(): unknown[] {
    const thrown: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const other of others) process.on('uncaughtException', other);
    });
    return thrown;
  }

  it.each(['connection', 'login', 'requestStart', 'requestEnd'] as const)(
    '(%s) does not affect connections and requests',
    async (event) => {
      const { server } = await serve({ storage: new MemoryStorage(), authenticate: () => ({ name: 'ann' }) });
      const thrown = uncaught();
      const error = new Error('a mistake in a listener');
      server.on(event, () => {
        throw error;
      });
      const client = new FileClient({ connect: () => connectionTo(server) });
      await client.writeFile('a', 'four');
      expect(await client.readFile('a', 'utf8')).toBe('four');
      const expected = event.startsWith('request') ? 2 : 1;
      await until(() => thrown.length === expected && server.stats().servedRequests === 2);
      expect(new Set(thrown)).toEqual(new Set([error]));
      expect(server.stats()).toMatchObject({ failedRequests: 0, activeRequests: 0, connections: 1 });
      await client.close();
    },
  );

  it.each(['disconnect', 'requestEnd'] as const)(
    '(%s) does not keep close() from resolving',
    async (event) => {
      const { server, connect } = await serve({ storage: new MemoryStorage() });
      const thrown = uncaught();
      server.on(event, () => {
        throw new Error('a mistake in a listener');
      });
      const upload = connect({ reconnect: false }).upload('a');
      upload.on('error', () => undefined);
      upload.write('x');
      await until(() => server.stats().activeRequests === 1);
      await server.close({ graceMs: 0 });
      expect(thrown).toHaveLength(1);
    },
  );
});

describe('errors of accepting', () => {
  /** The `net.Server` that listens on a port in this process. */
  function listenerOn(port: number): Server {
    const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
    const found = handles.find((handle): handle is Server => {
      const address = handle instanceof Server ? handle.address() : null;
      return typeof address === 'object' && address?.port === port;
    });
    if (!found) throw new Error(`Nothing listens on port ${port}.`);
    return found;
  }

  it.each([
    ['EMFILE', 'EMFILE'],
    ['ENFILE', 'EMFILE'],
    ['ENOBUFS', 'ENOBUFS'],
  ])('(%s) reach rejected and stats(), and the server goes on listening', async (code, told) => {
    const { server, port, connect } = await serve({ storage: new MemoryStorage() });
    const rejected = once(server, 'rejected') as Promise<FileServerEvents['rejected']>;
    // As Node reports it: `accept` has failed, and the connection is lost.
    const cause = Object.assign(new Error(`accept ${code}`), { code, syscall: 'accept' });
    listenerOn(port).emit('error', cause);
    const [connection, error, user] = await rejected;
    expect([connection, user]).toEqual([undefined, undefined]);
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ code: told, cause });
    expect(error.message).toContain('Cannot accept a connection: ');
    expect(server.stats()).toMatchObject({ acceptErrors: 1, rejectedConnections: 0, totalConnections: 0 });
    expect(await connect().exists('a')).toBe(false);
  });
});

describe('destroy(error)', () => {
  it('ends connections and requests with the error', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const upload = connect({ reconnect: false }).upload('a');
    upload.on('error', () => undefined);
    upload.write('x');
    await until(() => server.stats().activeRequests === 1);
    const ends = Promise.all([once(server, 'disconnect'), once(server, 'requestEnd'), once(server, 'close')]);
    const reason = new Error('The disk is being replaced.');
    server.destroy(reason);
    const [[, error], [summary]] = (await ends) as unknown as [
      [ConnectionInfo, TransferError],
      [RequestSummary],
    ];
    expect(error).toMatchObject({ name: 'TransferError', cause: reason });
    expect(summary.error).toMatchObject({ cause: reason });
  });

  it('takes a TransferError as it is', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    await connect().connect();
    const disconnected = once(server, 'disconnect');
    const error = new TransferError('ESHUTDOWN', 'The machine restarts.');
    server.destroy(error);
    expect((await disconnected)[1]).toBe(error);
  });
});
