/** Logins by a table of known users, over real TCP. */
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  hashPassword,
  hashToken,
  staticUsers,
  MemoryStorage,
  TransferError,
  type FileClient,
  type FileClientOptions,
  type FileServer,
  type FileServerOptions,
} from '../../../src/index.js';
import { serve, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const PASSWORD = 'open-sesame-please';
const TOKEN = 'one-token-of-many-characters';
const WRONG = 'not-what-it-should-be';

let hash = '';
beforeAll(async () => {
  hash = await hashPassword(PASSWORD, { cost: 1_024 });
});

function serveUsers(options: FileServerOptions = {}): Promise<Served> {
  const authenticate = staticUsers({
    ann: { password: hash, tokens: [hashToken(TOKEN)] },
    reader: { password: hash, permissions: ['read', 'list'] },
  });
  return serve({ storage: new MemoryStorage(), authenticate, ...options });
}

async function failure(promise: Promise<unknown>): Promise<TransferError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TransferError) return error;
  throw new Error('It did not fail.');
}

/** Options of a client that comes back at once, and whose sockets the test can cut. */
function throughSockets(port: number, sockets: Socket[]): FileClientOptions {
  return {
    port: undefined,
    connect: () => {
      const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true });
      sockets.push(socket);
      return socket;
    },
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
  };
}

/** Everything that an emitter emits, as a log would show it. */
function logOf(emitter: FileServer | FileClient, names: readonly string[]): string[] {
  const log: string[] = [];
  const listened = emitter as unknown as { on(name: string, listener: (...said: unknown[]) => void): void };
  for (const name of names) listened.on(name, (...said) => log.push(name + shown(said)));
  return log;
}

function shown(value: unknown): string {
  return inspect(value, { showHidden: true, depth: 20, getters: true });
}

describe('a login', () => {
  it.each([
    ['name and password', { user: 'ann', password: PASSWORD }],
    ['a token alone', { token: TOKEN }],
    ['name and token', { user: 'ann', token: TOKEN }],
  ])('by %s is accepted, and the server reports the user', async (_what, credentials) => {
    const { server, connect } = await serveUsers();
    const told = once(server, 'login');
    const client = connect(credentials);
    await client.writeFile('a.txt', 'Hello!');
    expect(await client.readFile('a.txt', 'utf8')).toBe('Hello!');
    expect(await told).toMatchObject([{ user: 'ann' }, { name: 'ann' }]);
  });

  it.each([
    ['a wrong password', { user: 'ann', password: WRONG }],
    ['an unknown name', { user: 'eve', password: PASSWORD }],
    ['the name of what every object has', { user: '__proto__', password: PASSWORD }],
    ['a wrong token', { token: WRONG }],
    ['the digest of a token', { token: hashToken(TOKEN) }],
    ['a name alone', { user: 'ann' }],
    ['nothing', {}],
  ])('by %s is rejected once, and not retried', async (_what, credentials) => {
    const { server, connect } = await serveUsers();
    const client = connect({
      ...credentials,
      reconnect: { waitOnFirstConnect: true, minDelayMs: 1, maxDelayMs: 1 },
    });
    const error = await failure(client.stat('a.txt'));
    expect(error).toMatchObject({ code: 'EAUTH', retryable: false });
    await until(() => client.state.status === 'disconnected');
    expect(server.stats()).toMatchObject({ totalConnections: 1, rejectedLogins: 1 });
  });

  it('is rejected in the same way, whatever the reason', async () => {
    const { connect } = await serveUsers();
    const one = await failure(connect({ user: 'ann', password: WRONG }).stat('a'));
    const other = await failure(connect({ user: 'eve', password: WRONG }).stat('a'));
    expect(other.message).toBe(one.message);
  });

  it('grants the permissions of the table', async () => {
    const { connect } = await serveUsers();
    const client = connect({ user: 'reader', password: PASSWORD });
    expect(await failure(client.writeFile('a', 'x'))).toMatchObject({ code: 'EACCES' });
    expect(await client.exists('a')).toBe(false);
  });

  it('is repeated on every connection', async () => {
    const { server, port, connect } = await serveUsers();
    const names: string[] = [];
    server.on('login', (_connection, { name }) => names.push(name));
    const sockets: Socket[] = [];
    const client = connect({ ...throughSockets(port, sockets), user: 'ann', password: PASSWORD });
    await client.writeFile('a', 'x');
    sockets[0]?.destroy();
    await once(client, 'disconnect');
    expect(await client.readFile('a', 'utf8')).toBe('x');
    expect(names).toEqual(['ann', 'ann']);
  });

  it('that is no longer valid fails the requests on the next connection at once', async () => {
    let isGood = true;
    const { server, port, connect } = await serve({
      storage: new MemoryStorage(),
      authenticate: ({ user = '' }) => isGood && { name: user },
    });
    const sockets: Socket[] = [];
    const client = connect({ ...throughSockets(port, sockets), user: 'ann', password: PASSWORD });
    await client.connect();
    const upload = client.upload('a');
    const failed = new Promise<unknown>((resolve) => upload.once('error', resolve));
    upload.write('x');
    await until(() => server.stats().activeRequests === 1);
    isGood = false;
    sockets[0]?.destroy();
    expect(await failed).toMatchObject({ code: 'EAUTH' });
    expect(server.stats().totalConnections).toBe(2);
  });
});

describe('a secret', () => {
  const secrets = [PASSWORD, WRONG, TOKEN];

  it.each([
    ['right', { user: 'ann', password: PASSWORD }],
    ['wrong', { user: 'ann', password: WRONG }],
    ['a token', { token: TOKEN }],
  ])('that is %s does not appear in client, streams, errors or events', async (_what, credentials) => {
    const { server, connect } = await serveUsers();
    const client = connect({ ...credentials, reconnect: false });
    const serverLog = logOf(server, [
      'connection',
      'login',
      'rejected',
      'requestStart',
      'requestEnd',
      'disconnect',
    ]);
    const clientLog = logOf(client, ['connect', 'disconnect', 'state', 'close']);
    const error = await client.stat('missing').catch((thrown: unknown) => thrown);
    const download = client.download('missing');
    const streamError = await new Promise<unknown>((resolve) => download.once('error', resolve));
    const all = [client, client.state, error, streamError, download, server, server.stats()].map(shown);
    await client.close();
    await until(() => serverLog.some((line) => line.startsWith('disconnect')));
    for (const text of [...all, ...serverLog, ...clientLog]) {
      for (const secret of [...secrets, 'scrypt$']) expect(text).not.toContain(secret);
    }
    expect(serverLog.length).toBeGreaterThan(2);
    expect(clientLog.length).toBeGreaterThan(1);
  });

  it('does not appear at either end of an embedded connection', async () => {
    const { server, connect } = await serveUsers();
    const client = connect({ user: 'ann', password: PASSWORD });
    const endpoint = client.endpoint();
    expect(shown([client, endpoint, server.endpoint()])).not.toContain(PASSWORD);
    endpoint.destroy();
  });
});
