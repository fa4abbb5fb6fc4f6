/** Before the welcome: one deadline, the limits of connections, and faulty handshakes. */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { ConnectionInfo, TransferError } from '../../../src/index.js';
import { clientHello, serveSecured, tlsSocket, tlsWire, trusting } from '../../support/servers/secured.js';
import type { Served } from '../../support/servers/serve.js';
import { uncaughtDuring } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';
import { Wire } from '../../support/frames/wire.js';

/** The deadline passes in no test that is not about it. */
const patient = { timeouts: { handshakeMs: 600_000 } };

/** The error with which the next connection ends. */
async function ended({ server }: Served): Promise<TransferError | undefined> {
  const [, error] = (await once(server, 'disconnect')) as [ConnectionInfo, TransferError | undefined];
  return error;
}

/** A client that has started its handshake, and stops. */
async function halfway(served: Served): Promise<Wire> {
  const connected = once(served.server, 'connection');
  const wire = await Wire.connect(served.port);
  wire.send((await clientHello()).subarray(0, 100));
  await connected;
  return wire;
}

describe('the handshake deadline', () => {
  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['half a handshake', 100],
  ])('ends a connection that has sent %s', async (_what, bytes) => {
    const served = await serveSecured({ timeouts: { handshakeMs: 50 } });
    const disconnection = ended(served);
    const wire = await Wire.connect(served.port);
    wire.send((await clientHello()).subarray(0, bytes));
    expect(await wire.rest()).toBe('');
    expect(await disconnection).toMatchObject({ code: 'ETIMEDOUT' });
    expect(served.server.stats()).toMatchObject({ connections: 0, rejectedConnections: 0 });
  });

  it('does not delay a shorter keep-alive timeout', async () => {
    const served = await serveSecured({
      keepAlive: { intervalMs: 20, timeoutMs: 60 },
      timeouts: { handshakeMs: 600_000 },
    });
    const disconnection = ended(served);
    const wire = await halfway(served);
    expect(await disconnection).toMatchObject({ code: 'ETIMEDOUT' });
    expect(await wire.rest()).toBe('');
  });

  it('does not restart when TLS starts', async () => {
    const served = await serveSecured({ timeouts: { handshakeMs: 1_000 } });
    pauseTimeouts();
    const connected = once(served.server, 'connection');
    const { socket } = await Wire.connect(served.port);
    await connected;
    vi.advanceTimersByTime(700);
    // TLS over the connection that has waited. In TLS 1.2 the server is the first whose handshake is done.
    const wire = await tlsWire(served.port, { socket, maxVersion: 'TLSv1.2' });
    vi.advanceTimersByTime(299);
    expect(served.server.stats().connections).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await wire.line()).toMatch(/^error code=ETIMEDOUT /);
  });

  it('does not end a connection after the welcome', async () => {
    const { connect } = await serveSecured({ timeouts: { handshakeMs: 300 } });
    pauseTimeouts();
    const client = connect({ tls: trusting, reconnect: false });
    await client.writeFile('a', 'A');
    vi.advanceTimersByTime(300);
    expect(await client.readFile('a', 'utf8')).toBe('A');
  });
});

describe('a connection in its handshake', () => {
  it('counts for its address from the start, and connections beyond the limit cost no handshake', async () => {
    const served = await serveSecured({ ...patient, limits: { maxConnectionsPerAddress: 1 } });
    await halfway(served);
    expect(served.server.stats().connections).toBe(1);
    const refusal = once(served.server, 'rejected');
    const second = await Wire.connect(served.port);
    second.send(await clientHello());
    expect(await second.rest()).toBe('');
    expect((await refusal)[1]).toMatchObject({ code: 'EAGAIN' });
    expect(served.server.stats()).toMatchObject({ connections: 1, rejectedConnections: 1 });
  });

  it('frees its place when it ends, for a client that reconnects', async () => {
    const served = await serveSecured({ ...patient, limits: { maxConnections: 1 } });
    const wire = await halfway(served);
    const first = served.connect({ tls: trusting });
    await expect(first.ping()).rejects.toMatchObject({ code: 'ECONNRESET', retryable: true });
    const disconnection = once(served.server, 'disconnect');
    wire.socket.destroy();
    await disconnection;
    await until(() => served.server.stats().connections === 0);
    await first.ping();
  });

  it('makes room, oldest first, when too many handshakes are pending', async () => {
    const served = await serveSecured({ ...patient, limits: { maxPendingHandshakes: 2 } });
    const [oldest, older] = [await halfway(served), await halfway(served)];
    const disconnection = ended(served);
    await served.connect({ tls: trusting }).ping();
    expect(await disconnection).toMatchObject({ code: 'EAGAIN' });
    expect(await oldest.rest()).toBe('');
    expect(older.socket.readyState).toBe('open');
  });

  it.each(['close', 'destroy'] as const)('is ended by %s() of the server', async (method) => {
    const served = await serveSecured(patient);
    const silent = await Wire.connect(served.port);
    const wire = await halfway(served);
    const closed = once(served.server, 'close');
    void served.server[method]();
    await closed;
    expect([await wire.rest(), await silent.rest()]).toEqual(['', '']);
    expect(served.server.stats()).toMatchObject({ connections: 0, rejectedConnections: 0 });
  });
});

describe('a client with a faulty handshake', () => {
  const handshake = Buffer.from([22]);
  const wrong: [string, (wire: Wire, hello: Buffer) => void, string][] = [
    ['ends it after nothing', ({ socket }) => void socket.end(), 'ECONNRESET'],
    ['resets it before anything', ({ socket }) => void socket.resetAndDestroy(), 'ECONNRESET'],
    ['ends it after one byte', ({ socket }) => void socket.end(handshake), 'ECONNRESET'],
    ['ends it in the middle', ({ socket }, hello) => void socket.end(hello.subarray(0, 100)), 'ECONNRESET'],
    ['ends it after its first half', ({ socket }, hello) => void socket.end(hello), 'ECONNRESET'],
    [
      'resets it in the middle',
      ({ socket }, hello) => void socket.write(hello.subarray(0, 100), () => socket.resetAndDestroy()),
      'ECONNRESET',
    ],
    [
      'resets it after its first half',
      ({ socket }, hello) => void socket.write(hello, () => socket.resetAndDestroy()),
      'ECONNRESET',
    ],
    ['sends garbage', (wire) => wire.send(Buffer.concat([handshake, Buffer.alloc(99, 0xff)])), 'EPROTO'],
    ['sends text after the first byte', (wire) => wire.send('\u0016hello version=1\n'), 'EPROTO'],
    [
      'sends garbage after its first half',
      (wire, hello) => wire.send(Buffer.concat([hello, Buffer.alloc(9_999, 0xff)])),
      'EPROTO',
    ],
  ];

  it.each(wrong)('%s, loses the connection, and affects no other', async (_name, misbehave, code) => {
    const served = await serveSecured(patient);
    const uncaught = await uncaughtDuring(async () => {
      const disconnection = ended(served);
      const wire = await Wire.connect(served.port);
      misbehave(wire, await clientHello());
      const error = await disconnection;
      expect(error?.code).toBe(code);
      await until(() => wire.socket.destroyed || wire.socket.readableEnded);
      await served.connect({ tls: trusting }).ping();
    });
    expect(uncaught).toEqual([]);
    expect(served.server.stats()).toMatchObject({ rejectedConnections: code === 'EPROTO' ? 1 : 0 });
  });

  it('can send it byte by byte', async () => {
    const served = await serveSecured(patient);
    const hello = await clientHello();
    const wire = await Wire.connect(served.port);
    for (const byte of hello) {
      wire.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [answer] = (await once(wire.socket, 'data')) as [Buffer];
    expect([...answer.subarray(0, 2)]).toEqual([22, 3]);
  });

  it('can send its hello together with the end of the handshake', async () => {
    const { port } = await serveSecured(patient);
    const socket = tlsSocket(port);
    socket.write('hello version=1\nopen id=1 op=stat path=a\n');
    expect(await new Wire(socket).line()).toMatch(/^welcome /);
  });

  it('does not keep others out when every second of a hundred fails', async () => {
    const served = await serveSecured(patient);
    const hello = await clientHello();
    const bad = Array.from({ length: 50 }, async (_, index) => {
      const wire = await Wire.connect(served.port);
      wire.send(Buffer.concat([hello.subarray(0, 1 + index * 4), Buffer.alloc(2 * hello.length, 0xff)]));
      return wire.rest();
    });
    const good = Array.from({ length: 50 }, () => served.connect({ tls: trusting }).ping());
    await Promise.all(good);
    await Promise.all(bad);
    await until(() => served.server.stats().connections === 50);
  });
});
