/** Logins of many clients at once, and of clients that give up before their login is checked. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  FileClient,
  hashPassword,
  MemoryStorage,
  staticUsers,
  type ClientState,
  type Identity,
  type TransferError,
  type UserRecord,
} from '../../../src/index.js';
import { Wire } from '../../support/frames/wire.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

describe('150 users that log in at once', () => {
  it('are all admitted, and told nothing but when to return if that takes long', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `user ${index}`);
    const users: Record<string, UserRecord> = {};
    for (const name of names) users[name] = { password: await hashPassword(`${name}!`, { cost: 1_024 }) };
    const { server, port } = await serve({ storage: new MemoryStorage(), authenticate: staticUsers(users) });
    const admitted = new Set<string>();
    server.on('login', (_info, { name }) => admitted.add(name));
    const states: ClientState[] = [];
    const reconnect = { waitOnFirstConnect: true };
    const clients = names.map((user) => new FileClient({ port, user, password: `${user}!`, reconnect }));
    for (const client of clients) client.on('state', (state) => states.push(state));
    try {
      await Promise.all(clients.map((client) => client.connect()));
      await until(() => admitted.size === 150);
      // A busy machine may need longer than logins wait.
      for (const state of states) {
        expect(state.status).not.toBe('disconnected');
        if (state.status !== 'waiting') continue;
        expect(state.error).toMatchObject({ code: 'EAGAIN', retryAfterMs: expect.any(Number) as number });
      }
      expect(clients.map(({ state }) => state.status)).toEqual(clients.map(() => 'connected'));
    } finally {
      for (const client of clients) client.destroy();
    }
  });
});

/** A server on which four logins of this address are being checked, and the next ones wait. */
async function busyServer() {
  const asked: string[] = [];
  const answers: ((said: Identity) => void)[] = [];
  const { server, port } = await serve({
    storage: new MemoryStorage(),
    authenticate: ({ user = '' }) => {
      asked.push(user);
      return new Promise<Identity>((resolve) => answers.push(resolve));
    },
  });
  const ended: (TransferError | undefined)[] = [];
  server.on('disconnect', (_info, error) => ended.push(error));
  const login = async (user: string, more = ''): Promise<Wire> => {
    const wire = await Wire.connect(port);
    wire.send(`hello version=1 user=${user}\n${more}`);
    return wire;
  };
  for (let number = 0; number < 4; number++) await login(`first-${number}`);
  await until(() => asked.length === 4);
  const answer = (): void => {
    for (const each of answers.splice(0)) each({ name: 'user' });
  };
  return { server, asked, ended, login, answer };
}

describe('a login that waits for its check', () => {
  it.each([
    ['is reset', (wire: Wire) => void wire.socket.resetAndDestroy(), ''],
    ['is closed', (wire: Wire) => void wire.socket.destroy(), ''],
    ['has ended its input without a request', (wire: Wire) => void wire.socket.end(), ''],
    ['has ended its input after a ping', (wire: Wire) => void wire.socket.end(), 'ping token=1\n'],
    ['is reset after a request', (wire: Wire) => void wire.socket.resetAndDestroy(), 'open id=1 op=stat\n'],
  ])('is not checked if its connection %s', async (_, leave, more) => {
    const { server, asked, ended, login, answer } = await busyServer();
    const gone = await login('gone', more);
    await login('next');
    await until(() => server.stats().bytesReceived > 6 * 'hello version=1 user=gone\n'.length);
    leave(gone);
    await until(() => ended.length === 1);
    expect(ended[0]?.code).toBe('ECONNRESET');
    answer();
    await until(() => asked.includes('next'));
    expect(asked).toHaveLength(5);
    expect(server.stats()).toMatchObject({ rejectedLogins: 0, rejectedConnections: 0 });
  });

  it('is checked and served if its client has ended its input after a request', async () => {
    const { asked, login, answer } = await busyServer();
    const half = await login('half', 'open id=1 op=stat\n');
    half.socket.end();
    await once(half.socket, 'finish');
    answer();
    await until(() => asked.includes('half'));
    answer();
    expect(await half.line()).toMatch(/^welcome /);
    expect(await half.line()).toMatch(/^result id=1 .*kind=directory/);
  });
});
