/** Both ends over TLS: transfers, and errors for peers that do not speak TLS. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage, type TransferError } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import {
  authority,
  certificate,
  serveSecured,
  tlsSocket,
  tlsWire,
  trusting,
} from '../../support/servers/secured.js';
import { serve, storageOf } from '../../support/servers/serve.js';
import { Wire } from '../../support/frames/wire.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;
const patient = { timeouts: { handshakeMs: 600_000 } };

describe('a server with the option tls', () => {
  it.each(codecs)('moves files both ways, and lists them, in %s', async (codec) => {
    const { server, connect } = await serveSecured();
    const client = connect({ codec, tls: trusting });
    const bytes = bytesOf(3_000_000);
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    const names: string[] = [];
    for await (const entry of client.list()) names.push(entry.path);
    expect(names).toEqual(['a']);
    await client.close();
    await server.close();
    expect(server.stats()).toMatchObject({ connections: 0, rejectedConnections: 0, failedRequests: 0 });
  });

  it('is reached by a URL with user and password, where the system trusts its certificate', async () => {
    const logins: unknown[] = [];
    const authenticate = (login: object): undefined => void logins.push(login);
    const { port } = await serveSecured({ authenticate });
    const client = new FileClient(`tls://ann:s%20ecret@localhost:${port}`);
    onTestFinished(() => client.destroy());
    const error = await client.stat('a').catch((thrown: unknown) => thrown as TransferError);
    expect(error).toMatchObject({ code: 'EAUTH', cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } });
    // The peer speaks TLS, and has sent nothing to a server that it does not trust.
    expect(logins).toEqual([]);
  });

  it('reports its connections as encrypted, and as safe for secrets', async () => {
    const logins: object[] = [];
    const authenticate = (login: object): { name: string } => {
      logins.push(login);
      return { name: 'ann' };
    };
    const { server, connect } = await serveSecured({ authenticate });
    const connection = once(server, 'connection');
    await connect({ tls: trusting, user: 'ann', password: 'secret' }).ping();
    expect((await connection)[0]).toMatchObject({ encrypted: true, remoteAddress: '127.0.0.1', user: 'ann' });
    expect(logins).toMatchObject([
      { user: 'ann', password: 'secret', encrypted: true, address: '127.0.0.1', certificate: undefined },
    ]);
  });

  it('selects socket-ftp by ALPN, and refuses clients that offer only other protocols', async () => {
    const { port } = await serveSecured();
    const socket = tlsSocket(port, { ALPNProtocols: ['h2', 'socket-ftp'] });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('socket-ftp');
    const [error] = (await once(tlsSocket(port, { ALPNProtocols: ['h2', 'http/1.1'] }), 'error')) as [Error];
    expect(error).toMatchObject({ code: expect.stringMatching(/NO_APPLICATION_PROTOCOL/) as string });
  });

  it.each(codecs)('tells a client without TLS about TLS, in %s', async (codec) => {
    const { server, connect } = await serveSecured(patient);
    const refusal = once(server, 'rejected');
    await expect(connect({ codec }).stat('a')).rejects.toMatchObject({
      code: 'EPROTO',
      reason: 'This port speaks TLS: connect with tls://',
      retryable: false,
    });
    const [info, error] = (await refusal) as [object, TransferError];
    expect(info).toMatchObject({ encrypted: false });
    expect(error.code).toBe('EPROTO');
    expect(server.stats().rejectedConnections).toBe(1);
  });

  it.each(['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-OpenSSH_9.6\r\n', '\0\0\0\0\0\0\0\0', '\u0017\u0003\u0003'])(
    'answers %j with one readable line, and closes the connection',
    async (words) => {
      const wire = await Wire.connect((await serveSecured(patient)).port);
      wire.send(words);
      expect(await wire.rest()).toMatch(/^error code=EPROTO message=This%20port%20speaks%20TLS:[^\n]*\n$/);
    },
  );

  it('serves several clients over a Unix socket, each with its own handshake', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
    const socket = path.join(folder, 's');
    const server = new FileServer({ storage: new MemoryStorage(), tls: certificate });
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    onTestFinished(() => server.close());
    await server.listen(socket);
    const clients = [1, 2, 3].map(() => new FileClient({ socketPath: socket, tls: trusting }));
    const plain = new FileClient({ socketPath: socket });
    await Promise.all(clients.map((client, index) => client.writeFile(`${index}`, `${index}`)));
    await expect(plain.ping()).rejects.toMatchObject({ code: 'EPROTO' });
    const unknown = new FileClient({ socketPath: socket, tls: true });
    await expect(unknown.ping()).rejects.toMatchObject({ code: 'EAUTH' });
    await Promise.all([...clients, plain, unknown].map((client) => client.close()));
  });
});

describe('a server without TLS', () => {
  it.each(['auto', ...codecs] as const)('with codec %s disconnects a TLS client at once', async (codec) => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), codec, ...patient });
    const reconnect = { waitOnFirstConnect: true };
    const client = connect({ tls: trusting, reconnect, timeouts: { connectMs: 600_000 } });
    await expect(client.stat('a')).rejects.toMatchObject({
      code: 'EPROTO',
      reason: 'The server does not use TLS on this port.',
      retryable: false,
    });
    expect(server.stats().totalConnections).toBe(1);
  });
});

describe('a connection over TLS', () => {
  const hello = 'hello version=1\n';

  it('whose client has ended its side is answered to the end', async () => {
    const { port, connect } = await serveSecured();
    const bytes = bytesOf(1_000_000);
    await connect({ tls: trusting }).writeFile('a', bytes);
    const wire = await tlsWire(port);
    wire.send(`${hello}open id=1 op=download path=a\nopen id=3 op=stat path=b\n`);
    wire.socket.end();
    const said = await wire.rest();
    expect(said).toMatch(/\nerror code=ENOENT id=3 /);
    expect(said).toMatch(/\nresult id=1 bytes=1000000 [^\n]*\n$/);
  });

  it('delivers the final error frame, whatever the client still sends', async () => {
    const { port } = await serveSecured();
    const wire = await tlsWire(port);
    let reset = false;
    wire.socket.on('error', () => (reset = true));
    wire.send(`${hello}nonsense \u0001\n`);
    const more = bytesOf(100_000);
    const sendOn = (): void => {
      if (!wire.socket.readableEnded && !wire.socket.destroyed) wire.socket.write(more, sendOn);
      else wire.socket.end();
    };
    sendOn();
    expect(await wire.rest()).toMatch(/^welcome [^\n]*\nerror code=EPROTO [^\n]*\n$/);
    await once(wire.socket, 'close');
    expect(reset).toBe(false);
  });

  it('whose client does not read ends with ETIMEDOUT', async () => {
    const storage = await storageOf({ a: bytesOf(32_000_000) });
    const { server, port } = await serveSecured({ storage, timeouts: { stallMs: 100 } });
    const wire = await tlsWire(port);
    const ended = once(server, 'disconnect');
    wire.send(`${hello}open id=1 op=download path=a\n`);
    expect(await wire.line()).toMatch(/^welcome /);
    wire.socket.pause();
    expect((await ended)[1]).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('whose client renegotiates repeatedly does not affect others', async () => {
    const { server, port, connect } = await serveSecured();
    const socket = tlsSocket(port, { maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    const again = (): void => void socket.renegotiate({}, (error) => error ?? again());
    const ended = once(server, 'disconnect');
    again();
    expect((await ended)[1]).toBeInstanceOf(Error);
    await connect({ tls: trusting }).ping();
  });

  it('ends on close() of either end, and on destroy()', async () => {
    const { server, connect } = await serveSecured();
    const [first, second] = [connect({ tls: trusting }), connect({ tls: trusting })];
    await Promise.all([first.ping(), second.ping()]);
    await first.close();
    server.destroy();
    await server.close();
    await second.close();
  });

  it('can be made of an existing TLS socket', async () => {
    const { port, connect } = await serveSecured();
    const client = connect({
      port: undefined,
      connect: () => tlsSocket(port, { ca: authority.cert, servername: 'localhost' }),
    });
    await client.writeFile('a', 'A');
    expect(await client.readFile('a', 'utf8')).toBe('A');
  });
});
