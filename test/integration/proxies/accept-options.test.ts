/** The address of a client that the program names when it passes a connection to the server. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { duplexPair, pipeline, type Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type AcceptOptions,
  type ConnectionInfo,
  type Credentials,
  type FileServerOptions,
} from '../../../src/index.js';

const remote = { remoteAddress: '203.0.113.7', remotePort: 56_324 };

/** A server without a port. */
function embedded(options: FileServerOptions = {}): { server: FileServer; logins: Credentials[] } {
  const logins: Credentials[] = [];
  const server = new FileServer({
    storage: new MemoryStorage(),
    authenticate: (login) => {
      logins.push(login);
      return { name: 'ann' };
    },
    ...options,
  });
  onTestFinished(() => server.close());
  return { server, logins };
}

function login(connect: () => Duplex): FileClient {
  const client = new FileClient({ connect, user: 'ann', password: 'secret', reconnect: false });
  onTestFinished(() => client.destroy());
  return client;
}

function accepting(server: FileServer, options?: AcceptOptions): () => Duplex {
  return () => {
    const [near, far] = duplexPair();
    server.accept(far, options);
    return near;
  };
}

describe('accept()', () => {
  it('takes the address of the client, for events, logins and limits', async () => {
    const { server, logins } = embedded({ limits: { maxConnectionsPerAddress: 1 } });
    const connection = once(server, 'connection');
    await login(accepting(server, { ...remote, encrypted: true })).ping();
    expect(await connection).toMatchObject([{ ...remote, encrypted: true }]);
    expect(logins).toMatchObject([{ address: '203.0.113.7', encrypted: true }]);
    const second = login(accepting(server, { ...remote, encrypted: true })).ping();
    await expect(second).rejects.toMatchObject({ code: 'EAGAIN' });
    await login(accepting(server, { remoteAddress: '203.0.113.8', encrypted: true })).ping();
  });

  it.each(['203.0.113.7', '127.0.0.1', '::1'])(
    'accepts no password of a client at %s unless the connection is encrypted',
    async (remoteAddress) => {
      const { server, logins } = embedded();
      const ping = login(accepting(server, { remoteAddress })).ping();
      await expect(ping).rejects.toMatchObject({ code: 'EAUTH' });
      expect(logins).toEqual([]);
    },
  );

  it('without an address accepts the password of a stream of the program', async () => {
    const { server, logins } = embedded();
    await login(accepting(server)).ping();
    expect(logins).toMatchObject([{ address: undefined, encrypted: false }]);
  });

  it('takes a socket of a loopback proxy for the client behind it', async () => {
    const { server, logins } = embedded();
    const gate = createServer((socket) => server.accept(socket, remote)).listen(0, '127.0.0.1');
    onTestFinished(() => void gate.close());
    await once(gate, 'listening');
    const connections: ConnectionInfo[] = [];
    server.on('connection', (info) => connections.push(info));
    const { port } = gate.address() as AddressInfo;
    const client = new FileClient({ port, user: 'ann', password: 'secret', reconnect: false });
    onTestFinished(() => client.destroy());
    await expect(client.ping()).rejects.toMatchObject({ code: 'EAUTH' });
    expect(connections).toMatchObject([{ ...remote, encrypted: false }]);
    expect(logins).toEqual([]);
  });

  it.each([
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('knows %s as %s', async (remoteAddress, known) => {
    const { server } = embedded();
    const connection = once(server, 'connection');
    accepting(server, { remoteAddress })().destroy();
    expect(await connection).toMatchObject([{ remoteAddress: known, remotePort: undefined }]);
  });

  it.each([
    [{}, 'must be an IP address, not undefined'],
    [{ remoteAddress: 'example.org' }, 'must be an IP address, not example.org'],
    [{ remoteAddress: '203.0.113.7:80' }, 'must be an IP address'],
    [{ remoteAddress: '::1', remotePort: 65_536 }, 'remotePort'],
    [{ remoteAddress: '::1', encrypted: 'yes' }, 'encrypted must be true or false'],
    [{ remoteAddress: '::1', address: '::1' }, 'no option address'],
  ])('throws a TypeError for %j', (options, message) => {
    const { server } = embedded();
    const accept = (): void => server.accept(duplexPair()[0], options as AcceptOptions);
    expect(accept).toThrow(TypeError);
    expect(accept).toThrow(message);
    expect(() => server.endpoint(options as AcceptOptions)).toThrow(message);
    expect(server.stats().totalConnections).toBe(0);
  });
});

describe('endpoint()', () => {
  it('takes the address of the client, and respects its limit', async () => {
    const { server, logins } = embedded({ limits: { maxConnectionsPerAddress: 1 } });
    const options = { ...remote, encrypted: true };
    const client = login(() => {
      const [near, far] = duplexPair();
      pipeline(far, server.endpoint(options), far, () => undefined);
      return near;
    });
    await client.ping();
    expect(logins).toMatchObject([{ address: '203.0.113.7' }]);
    expect(() => server.endpoint(options)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
    server.endpoint({ ...options, remoteAddress: '203.0.113.8' }).destroy();
  });
});
