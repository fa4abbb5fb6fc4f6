/** A server behind a proxy that announces its clients: transfers, limits, logins and events have the clients' addresses. */
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  TransferError,
  type ConnectionInfo,
  type Credentials,
  type FileClientOptions,
  type FileServerOptions,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { ipv4, ipv6, version1, version2 } from '../../support/frames/proxy-headers.js';
import { forwardingProxy, type ForwardingProxy } from '../../support/servers/forwarding-proxy.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const proxyProtocol = { from: ['127.0.0.1'] };
const ann = version1('TCP4 203.0.113.7 192.0.2.1 56324 2121');
const bob = version2({ addresses: ipv4('198.51.100.9', 40_000) });
const carol = version2({
  family: 0x21,
  addresses: ipv6('20010db8000000000000000000000007', 50_000),
});

interface Proxied {
  readonly server: FileServer;
  readonly proxy: ForwardingProxy;
  readonly connections: ConnectionInfo[];
  connect(options?: FileClientOptions): FileClient;
}

/** A server whose only proxy is on the loopback interface, and clients that go through it. */
async function serveBehindProxy(options: FileServerOptions = {}, header = ann): Promise<Proxied> {
  const { server, port } = await serve({ storage: new MemoryStorage(), proxyProtocol, ...options });
  const proxy = await forwardingProxy({ port, host: '127.0.0.1' }, header);
  const connections: ConnectionInfo[] = [];
  server.on('connection', (info) => connections.push({ ...info }));
  const connect = (given: FileClientOptions = {}): FileClient => {
    const client = new FileClient({ port: proxy.port, ...given });
    onTestFinished(() => client.destroy());
    return client;
  };
  return { server, proxy, connections, connect };
}

describe('behind a proxy, a server', () => {
  it.each([
    ['version 1', ann, { remoteAddress: '203.0.113.7', remotePort: 56_324 }],
    ['version 2', bob, { remoteAddress: '198.51.100.9', remotePort: 40_000 }],
    ['version 2 over IPv6', carol, { remoteAddress: '2001:db8::7', remotePort: 50_000 }],
    [
      'IPv4 in the form of IPv6',
      version1('TCP6 ::ffff:203.0.113.7 ::1 5 6'),
      { remoteAddress: '203.0.113.7', remotePort: 5 },
    ],
  ])('moves files both ways, and knows the client by a header of %s', async (_, header, address) => {
    for (const codec of ['text', 'json', 'xml', 'binary'] as const) {
      const { server, connections, connect } = await serveBehindProxy({}, header);
      const requests: ConnectionInfo[] = [];
      server.on('requestEnd', ({ connection }) => requests.push(connection));
      const client = connect({ codec });
      const bytes = bytesOf(1_000_000);
      await client.writeFile('a', bytes);
      expect(bytes.equals(await client.readFile('a'))).toBe(true);
      await client.close();
      await until(() => requests.length === 2);
      expect(connections).toEqual([
        { id: 1, ...address, encrypted: false, user: undefined, codec: undefined },
      ]);
      expect(requests).toMatchObject([address, address]);
      expect(server.stats()).toMatchObject({ rejectedConnections: 0, failedRequests: 0 });
    }
  });

  it('accepts TLS after the header, and logins with a password over it', async () => {
    const logins: Credentials[] = [];
    const { connections, connect } = await serveBehindProxy({
      tls: certificate,
      authenticate: (credentials) => {
        logins.push(credentials);
        return { name: 'ann' };
      },
    });
    const client = connect({ tls: trusting, user: 'ann', password: 'secret' });
    const bytes = bytesOf(1_000_000);
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(connections).toMatchObject([{ remoteAddress: '203.0.113.7', encrypted: true }]);
    expect(logins).toMatchObject([{ address: '203.0.113.7', encrypted: true, password: 'secret' }]);
  });

  it('listens on a Unix socket for it', async () => {
    const socketPath = path.join(await temporaryDirectory(), 'socket');
    const storage = new MemoryStorage();
    const server = new FileServer({ storage, proxyProtocol: { from: ['unix'] } });
    onTestFinished(() => server.close());
    await server.listen(socketPath);
    const connection = once(server, 'connection');
    const proxy = await forwardingProxy({ path: socketPath }, bob);
    const client = new FileClient({ port: proxy.port });
    onTestFinished(() => client.destroy());
    await client.writeFile('a', 'four');
    expect(await connection).toMatchObject([{ remoteAddress: '198.51.100.9', remotePort: 40_000 }]);
  });

  it('counts the connections of each client by itself, and none for the proxy', async () => {
    const { proxy, connect } = await serveBehindProxy({ limits: { maxConnectionsPerAddress: 1 } });
    await connect().ping();
    await expect(connect({ reconnect: false }).ping()).rejects.toMatchObject({ code: 'EAGAIN' });
    proxy.header = bob;
    await connect().ping();
    await expect(connect({ reconnect: false }).ping()).rejects.toMatchObject({ code: 'EAGAIN' });
    proxy.header = carol;
    await connect().ping();
    // The same network of IPv6.
    proxy.header = version1('TCP6 2001:db8::8 ::1 1 2');
    await expect(connect({ reconnect: false }).ping()).rejects.toMatchObject({ code: 'EAGAIN' });
  });

  it('penalises the address whose logins fail, and not those of other clients', async () => {
    const { proxy, connect } = await serveBehindProxy({
      allowUnencryptedCredentials: true,
      authenticate: ({ user = '' }) => user === 'ann' && { name: user },
    });
    const login = (user: string): Promise<unknown> => {
      const ping = connect({ user, reconnect: false }).ping();
      return ping.then(
        () => 'admitted',
        (error: unknown) => TransferError.from(error).code,
      );
    };
    const failures = await Promise.all(Array.from({ length: 12 }, () => login('eve')));
    expect(failures).toContain('EAUTH');
    expect(await login('ann')).toBe('EAGAIN');
    proxy.header = bob;
    expect(await login('ann')).toBe('admitted');
  });

  it.each([
    ['a client elsewhere', ann],
    ['a client that is announced on the loopback interface', version1('TCP4 127.0.0.1 127.0.0.1 1 2')],
    ['a client without an address', version1('UNKNOWN')],
    ['a client of a Unix socket', version2({ family: 0x31, addresses: Buffer.alloc(216) })],
  ])('refuses a password without encryption, of %s', async (_, header) => {
    const checked: unknown[] = [];
    const { connect } = await serveBehindProxy({ authenticate: (login) => void checked.push(login) }, header);
    // The client takes the proxy for a server on its own machine.
    const ping = connect({ user: 'ann', password: 'secret', reconnect: false }).ping();
    await expect(ping).rejects.toMatchObject({ code: 'EAUTH' });
    await expect(ping).rejects.toThrow('over TLS only');
    expect(checked).toEqual([]);
  });

  it.each([
    ['version 1, UNKNOWN', version1('UNKNOWN')],
    ['version 2, LOCAL', version2({ command: 0x20, family: 0 })],
    ['version 2, Unix', version2({ family: 0x31, addresses: Buffer.alloc(216) })],
  ])('serves a connection of the proxy itself by its own address: %s', async (_, header) => {
    const { connections, connect } = await serveBehindProxy({}, header);
    await connect().ping();
    expect(connections).toMatchObject([
      { remoteAddress: '127.0.0.1', remotePort: expect.any(Number) as number },
    ]);
  });
});
