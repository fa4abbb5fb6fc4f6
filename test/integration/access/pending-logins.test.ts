/** Logins over real connections: frames before, during and after them. */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import {
  FileServer,
  MemoryStorage,
  type Authenticate,
  type ConnectionInfo,
  type Identity,
  type TransferError,
} from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { answerTo, wireOf } from '../../support/frames/login-wire.js';
import { until } from '../../support/until.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';
import { Wire } from '../../support/frames/wire.js';

const storage = (): MemoryStorage => new MemoryStorage();
const authenticate: Authenticate = ({ user = '', password }) => password === `${user}!` && { name: user };

/** An `authenticate` that answers when the test says so. */
function slowly(): { authenticate: Authenticate; asked: () => number; answer(said: Identity | false): void } {
  const waiting: ((said: Identity | false) => void)[] = [];
  return {
    authenticate: () => new Promise((resolve) => waiting.push(resolve)),
    asked: () => waiting.length,
    answer: (said) => waiting.shift()?.(said),
  };
}

describe('a request during the check of a login', () => {
  it('is served after the login succeeds, in order, and not before', async () => {
    const { authenticate, asked, answer } = slowly();
    const { server, port } = await serve({ storage: storage(), authenticate });
    const wire = await Wire.connect(port);
    wire.send('hello version=1 user=ann password=x\n');
    wire.send('open id=1 op=upload path=a\ndata id=1 length=5\nHello\nend id=1 size=5\n');
    wire.send('open id=3 op=stat path=a\nping token=7\n');
    await until(() => asked() === 1);
    // A round trip of another client, during which the request could have been served.
    const other = await Wire.connect(port);
    other.send('no hello\n');
    expect(await other.line()).toMatch(/^error code=EPROTO /);
    expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0, servedRequests: 0 });
    expect(wire.socket.bytesRead).toBe(0);
    answer({ name: 'ann' });
    expect(await wire.line()).toMatch(/^welcome /);
    const lines: (string | undefined)[] = [];
    for (let at = 0; at < 4; at++) lines.push(await wire.line());
    expect(lines.map((line) => line?.replace(/ .*/, '')).sort()).toEqual([
      'accept',
      'error',
      'pong',
      'result',
    ]);
    expect(await answerTo(wire, 5, 'op=stat path=a')).toMatch(/^result .*size=5/);
  });

  it('is never served when the login fails', async () => {
    const memory = storage();
    const { authenticate, asked, answer } = slowly();
    const { server, port } = await serve({ storage: memory, authenticate });
    const wire = await Wire.connect(port);
    wire.send('hello version=1 user=ann password=x\n');
    wire.send('open id=1 op=upload path=a\ndata id=1 length=5\nHello\nend id=1 size=5\n');
    await until(() => asked() === 1);
    answer(false);
    expect(await wire.rest()).toMatch(/^error code=EAUTH message=\S* retryable=false\n$/);
    expect(server.stats()).toMatchObject({ servedRequests: 0, failedRequests: 0, rejectedLogins: 1 });
    expect(memory.bytes).toBe(0);
  });

  it('closes the connection with EFLOOD beyond the limit, and affects no other connection', async () => {
    const { authenticate, asked, answer } = slowly();
    const { server, port } = await serve({ storage: storage(), authenticate });
    const endpoint = server.endpoint();
    let said = '';
    endpoint.on('data', (chunk: Buffer) => (said += chunk.toString()));
    endpoint.write(`hello version=1 user=ann password=x\n${'ping token=1\n'.repeat(1_025)}`);
    await once(endpoint, 'end');
    expect(said).toMatch(/^error code=EFLOOD /);
    const wire = await Wire.connect(port);
    wire.send('hello version=1 user=bob password=x\n');
    await until(() => asked() === 2);
    answer({ name: 'ann' });
    answer({ name: 'bob' });
    expect(await wire.line()).toMatch(/^welcome /);
  });

  it('may be one of 1,024 frames', async () => {
    const { authenticate, asked, answer } = slowly();
    const { server } = await serve({ storage: storage(), authenticate });
    const endpoint = server.endpoint();
    let said = '';
    endpoint.on('data', (chunk: Buffer) => (said += chunk.toString()));
    endpoint.write(`hello version=1 user=ann password=x\n${'cancel id=1\n'.repeat(1_024)}`);
    await until(() => asked() === 1);
    answer({ name: 'ann' });
    // A cancel of a request that was never opened is a protocol error, so all were read after the welcome.
    await until(() => said.includes('error'));
    expect(said).toMatch(/^welcome .*\nerror code=EPROTO /);
  });
});

describe('an authenticate callback that never settles', () => {
  it('closes the connection after handshakeMs', async () => {
    const { authenticate, asked, answer } = slowly();
    const { server, port } = await serve({ storage: storage(), authenticate, timeouts: { handshakeMs: 40 } });
    const events: string[] = [];
    server.on('login', () => events.push('login'));
    server.on('disconnect', (_, error) => events.push(`disconnection ${error?.code ?? ''}`));
    pauseTimeouts();
    const wire = await Wire.connect(port);
    wire.send('hello version=1 user=ann password=x\n');
    await until(() => asked() === 1);
    vi.advanceTimersByTime(40);
    expect(await wire.rest()).toMatch(/^error code=ETIMEDOUT /);
    wire.socket.end();
    await until(() => events.length === 1);
    // The callback settles when its client has left.
    expect(asked()).toBe(1);
    answer({ name: 'ann' });
    const other = await Wire.connect(port);
    other.socket.end();
    await until(() => events.length >= 2);
    expect(events).toEqual(['disconnection ETIMEDOUT', expect.stringMatching(/^disconnection/)]);
    expect(server.stats()).toMatchObject({ connections: 0 });
  });
});

describe('an address with rejected logins', () => {
  it('OpenSSH: failures of one address make it wait', async () => {
    const { server, port } = await serve({ storage: storage(), authenticate });
    const before = await wireOf(port, 'ann', 'ann!');
    for (let times = 1; times <= 11; times++) {
      const wire = await Wire.connect(port);
      wire.send('hello version=1 user=ann password=guess\n');
      await until(() => server.stats().rejectedLogins === times);
    }
    expect(server.stats().rejectedConnections).toBe(0);
    const told = once(server, 'rejected') as Promise<[ConnectionInfo, TransferError, string | undefined]>;
    const late = await Wire.connect(port);
    late.send('hello version=1 user=ann password=ann!\nopen id=1 op=stat\n');
    expect(await late.rest()).toMatch(/^error code=EAGAIN message=\S* retryable=true retryAfter=\d+\n$/);
    const [connection, error] = await told;
    expect([connection.remoteAddress, error.code]).toEqual(['127.0.0.1', 'EAGAIN']);
    expect(server.stats()).toMatchObject({ rejectedConnections: 1, rejectedLogins: 11 });
    // Who is in stays in.
    expect(await answerTo(before, 1, 'op=stat')).toMatch(/^result /);
  });
});

describe('the events of a login', () => {
  it('report accepted and rejected logins with the claimed user name', async () => {
    const server = new FileServer({ storage: storage(), authenticate });
    const events: unknown[] = [];
    server.on('login', (connection, identity) => events.push(['login', connection.user, identity.name]));
    server.on('rejected', (connection, error, user) => events.push([connection?.user, error.code, user]));
    for (const password of ['ann!', 'wrong']) {
      const endpoint = server.endpoint();
      endpoint.resume();
      endpoint.write(`hello version=1 user=ann password=${password}\n`);
      await once(server, password === 'ann!' ? 'login' : 'rejected');
    }
    expect(events).toEqual([
      ['login', 'ann', 'ann'],
      [undefined, 'EAUTH', 'ann'],
    ]);
    server.destroy();
    await server.close();
  });

  it('are not emitted when no login is required', async () => {
    const { server, connect } = await serve({ storage: storage() });
    let logins = 0;
    server.on('login', () => (logins += 1));
    await connect().stat('/');
    expect(logins).toBe(0);
  });
});
