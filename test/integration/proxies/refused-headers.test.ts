/** Connections with a wrong header, without one, or with one that they must not send. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  MemoryStorage,
  type ConnectionInfo,
  type FileServerOptions,
  type TransferError,
} from '../../../src/index.js';
import { ipv4, SIGNATURE, version1, version2 } from '../../support/frames/proxy-headers.js';
import { Wire } from '../../support/frames/wire.js';
import { certificate, clientHello, trusting } from '../../support/servers/secured.js';
import { serve, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const proxyProtocol = { from: ['127.0.0.1'] };
const ann = version1('TCP4 203.0.113.7 192.0.2.1 56324 2121');
const bob = version2({ addresses: ipv4('198.51.100.9', 40_000) });

type Watched = Served & {
  /** Names of the events of connections, with address and code. */
  readonly events: (string | undefined)[][];
};

async function watched(options: FileServerOptions = { proxyProtocol }): Promise<Watched> {
  const served = await serve({ storage: new MemoryStorage(), ...options });
  const events: (string | undefined)[][] = [];
  const { server } = served;
  const record = (name: string) => (connection: ConnectionInfo | undefined, error?: TransferError) =>
    events.push([name, connection?.remoteAddress, error?.code]);
  server.on('connection', record('connection'));
  server.on('rejected', record('rejected'));
  server.on('disconnect', record('disconnect'));
  return { ...served, events };
}

describe('a connection from a named proxy', () => {
  it.each([
    ['without a header', 'hello version=1\n'],
    ['with a header that is wrong', 'PROXY TCP4 203.0.113.7 192.0.2.1 56324\r\nhello version=1\n'],
    ['with a header that is too long', Buffer.concat([version2({ length: 65_535 }), Buffer.alloc(70_000)])],
    ['with a header twice', Buffer.concat([ann, bob])],
    ['with another header after the first', Buffer.concat([bob, ann, Buffer.from('hello version=1\n')])],
  ])('%s is refused, and told why', async (_, bytes) => {
    const { server, port, events } = await watched();
    const wire = await Wire.connect(port);
    wire.send(bytes);
    expect(await wire.rest()).toMatch(/^error code=EPROTO message=.*\n$/);
    wire.socket.end();
    await until(() => events.length >= 2 && events.at(-1)?.[0] === 'disconnect');
    expect(events.filter(([name]) => name === 'connection')).toHaveLength(1);
    expect(events.at(-1)).toEqual(['disconnect', expect.any(String), 'EPROTO']);
    expect(server.stats()).toMatchObject({ connections: 0, servedRequests: 0 });
  });

  it('is answered in the codec of a client that connects without the proxy', async () => {
    for (const codec of ['text', 'json', 'xml', 'binary'] as const) {
      const { connect: client, events } = await watched();
      await expect(client({ codec, reconnect: false }).stat('a')).rejects.toMatchObject({
        code: 'EPROTO',
        reason: 'The server expects the header of the PROXY protocol from this address.',
      });
      await until(() => events.length === 3);
      expect(events).toEqual([
        ['connection', '127.0.0.1', undefined],
        ['rejected', '127.0.0.1', 'EPROTO'],
        ['disconnect', '127.0.0.1', 'EPROTO'],
      ]);
    }
  });

  it('that begins with TLS and no header is closed without a handshake', async () => {
    const { server, port, events } = await watched({ proxyProtocol, tls: certificate });
    const wire = await Wire.connect(port);
    wire.send(await clientHello());
    expect(await wire.rest()).toBe('');
    await until(() => events.length === 3);
    expect(events.map(([name, , code]) => [name, code])).toEqual([
      ['connection', undefined],
      ['rejected', 'EPROTO'],
      ['disconnect', 'EPROTO'],
    ]);
    await expect(once(server, 'connection', { signal: AbortSignal.timeout(1) })).rejects.toThrow();
  });

  it.each([
    ['no byte', ''],
    ['half a header of version 1', ann.subarray(0, 20)],
    ['half a header of version 2', bob.subarray(0, 20)],
    ['a signature', SIGNATURE],
  ])('that sends %s is closed after handshakeMs', async (_, bytes) => {
    const { port, events } = await watched({ proxyProtocol, timeouts: { handshakeMs: 100 } });
    const wire = await Wire.connect(port);
    wire.send(bytes);
    expect(await wire.rest()).toBe('');
    await until(() => events.length === 2);
    expect(events).toEqual([
      ['connection', '127.0.0.1', undefined],
      ['disconnect', '127.0.0.1', 'ETIMEDOUT'],
    ]);
  });

  it('has no more time when its header comes byte by byte', async () => {
    const { port, events } = await watched({ proxyProtocol, timeouts: { handshakeMs: 200 } });
    const wire = await Wire.connect(port);
    let sent = 0;
    const drip = setInterval(() => wire.send(ann.subarray(sent, ++sent)), 20);
    onTestFinished(() => clearInterval(drip));
    expect(await wire.rest()).toBe('');
    expect(sent).toBeLessThan(ann.length);
    await until(() => events.length === 2);
    expect(events[1]).toEqual(['disconnect', '127.0.0.1', 'ETIMEDOUT']);
  });

  it('that sends a header and no hello is told that its time is over', async () => {
    const { port, events } = await watched({ proxyProtocol, timeouts: { handshakeMs: 200 } });
    const wire = await Wire.connect(port);
    wire.send(ann);
    expect(await wire.rest()).toMatch(/^error code=ETIMEDOUT message=The%20client%20sent%20no%20hello/);
    wire.socket.end();
    await until(() => events.length === 2);
    expect(events[1]).toEqual(['disconnect', '203.0.113.7', 'ETIMEDOUT']);
  });

  it('ends quietly when it is closed or reset before its header: the health check of a proxy', async () => {
    const { server, port, events } = await watched();
    for (const bytes of ['', 'PROXY ', version2({ command: 0x20, family: 0 })]) {
      const wire = await Wire.connect(port);
      wire.send(bytes);
      wire.socket.end();
      await wire.rest();
    }
    const reset = connect({ port, host: '127.0.0.1' });
    await once(reset, 'connect');
    reset.resetAndDestroy();
    await until(() => events.filter(([name]) => name === 'disconnect').length === 4);
    expect(events.filter(([name]) => name === 'connection')).toHaveLength(4);
    expect(server.stats()).toMatchObject({ connections: 0, rejectedConnections: 0 });
  });

  it('counts as a pending handshake until its header has arrived', async () => {
    const { server, port, events } = await watched({ proxyProtocol, limits: { maxPendingHandshakes: 4 } });
    const idle = await Promise.all(Array.from({ length: 8 }, () => Wire.connect(port)));
    await until(() => events.filter(([name]) => name === 'disconnect').length === 4);
    expect(server.stats().connections).toBe(0);
    const ends = await Promise.all(idle.slice(0, 4).map((wire) => wire.rest()));
    expect(ends).toEqual(['', '', '', '']);
    // The others still wait for their headers.
    const last = idle.at(-1);
    last?.send(Buffer.concat([ann, Buffer.from('hello version=1\n')]));
    expect(await last?.line()).toMatch(/^welcome /);
    expect(server.stats().connections).toBe(1);
  });

  it('is closed by close() while its header is missing', async () => {
    const { server, port, events } = await watched();
    const wire = await Wire.connect(port);
    await until(() => server.stats().totalConnections === 1);
    await server.close();
    expect(await wire.rest()).toBe('');
    expect(events.at(-1)?.[0]).toBe('disconnect');
  });
});

describe('a connection from any other address', () => {
  it.each([
    ['version 1', ann],
    ['version 2', bob],
  ])('is refused with a header of %s, like other garbage', async (_, header) => {
    for (const options of [
      {},
      { proxyProtocol: { from: ['192.0.2.1', 'unix'] } },
      { tls: certificate },
      { codec: 'text' as const },
    ]) {
      const { server, port, events } = await watched(options);
      const wire = await Wire.connect(port);
      wire.send(Buffer.concat([header, Buffer.from('hello version=1\n')]));
      expect(await wire.rest()).toContain('EPROTO');
      wire.socket.end();
      await until(() => events.at(-1)?.[0] === 'disconnect');
      expect(events[0]).toEqual(['connection', '127.0.0.1', undefined]);
      expect(events.at(-1)).toEqual(['disconnect', '127.0.0.1', 'EPROTO']);
      expect(server.stats().servedRequests).toBe(0);
    }
  });

  it('needs no header', async () => {
    const { connect: client } = await watched({ proxyProtocol: { from: ['192.0.2.1'] }, tls: certificate });
    await client({ tls: trusting }).ping();
  });
});
