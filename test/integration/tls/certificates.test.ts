/** Certificates: which ones a client trusts, which ones a server accepts, and how both report them. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type FileServerOptions,
  type Credentials,
  type TransferError,
} from '../../../src/index.js';
import { Authority, selfSigned } from '../../support/servers/certificates.js';
import { authority, certificate, tlsSocket, trusting } from '../../support/servers/secured.js';
import { serve, type Served } from '../../support/servers/serve.js';
import { Wire } from '../../support/frames/wire.js';

const DAY_MS = 86_400_000;
const now = Date.now();
const codecs = ['text', 'json', 'xml', 'binary'] as const;

const clients = new Authority('clients');
const ann = clients.issue('ann');
const stranger = new Authority('strangers').issue('ann');
const mutual = { ...certificate, ca: clients.cert, requestCert: true };

/** A server that accepts every client and records its certificates. */
async function serveLogins(options: FileServerOptions): Promise<Served & { logins: Credentials[] }> {
  const logins: Credentials[] = [];
  const authenticate = (login: Credentials): { name: string } => {
    logins.push(login);
    return { name: 'somebody' };
  };
  return { ...(await serve({ storage: new MemoryStorage(), authenticate, ...options })), logins };
}

describe('a client', () => {
  it.each([
    {
      what: 'nobody else has signed',
      shown: selfSigned('server'),
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      advice: /as ca in the option tls/,
    },
    {
      what: 'strangers have signed',
      shown: stranger,
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      advice: /as ca in the option tls/,
    },
    {
      what: 'has expired',
      shown: authority.issue('server', { valid: [new Date(now - 2 * DAY_MS), new Date(now - DAY_MS)] }),
      code: 'CERT_HAS_EXPIRED',
      advice: /has expired/,
    },
    {
      what: 'is not valid yet',
      shown: authority.issue('server', { valid: [new Date(now + DAY_MS), new Date(now + 2 * DAY_MS)] }),
      code: 'CERT_NOT_YET_VALID',
      advice: /clock/,
    },
    {
      what: 'is for another name',
      shown: authority.issue('server', { names: ['example.org', '127.0.0.2'] }),
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      advice: /servername/,
    },
  ])('whose server has a certificate that $what fails with EAUTH', async ({ shown, code, advice }) => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), tls: shown });
    const client = connect({ tls: trusting, reconnect: { waitOnFirstConnect: true } });
    const error = await client.stat('a').catch((thrown: unknown) => thrown as TransferError);
    expect(error).toMatchObject({ code: 'EAUTH', retryable: false, cause: { code } });
    expect(error).toHaveProperty('reason', expect.stringMatching(advice));
    expect(server.stats().totalConnections).toBe(1);
  });

  it('accepts a self-signed certificate that it is told to trust', async () => {
    const own = selfSigned('server');
    const { connect } = await serve({ storage: new MemoryStorage(), tls: own });
    await connect({ tls: { ca: own.cert } }).ping();
  });

  it.each(codecs)('sends nothing to a server with a wrong certificate, in %s', async (codec) => {
    let said = 0;
    const listener = tls.createServer(selfSigned('server'), (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => void (said += chunk.length));
    });
    listener.on('tlsClientError', () => undefined);
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const client = new FileClient({ port, codec, tls: true, user: 'ann', password: 'secret' });
    await expect(client.writeFile('a', 'A')).rejects.toMatchObject({ code: 'EAUTH' });
    await client.close();
    listener.close();
    await once(listener, 'close');
    expect(said).toBe(0);
  });

  it('sends the host name of its server as SNI, and compares an IP address otherwise', async () => {
    const names: (string | false | null)[] = [];
    const listener = tls.createServer(certificate, (socket) => {
      names.push((socket as tls.TLSSocket & { servername: string | false | null }).servername);
      server.accept(socket);
    });
    const server = new FileServer({ storage: new MemoryStorage() });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    for (const host of ['localhost', '127.0.0.1']) {
      const client = new FileClient({ host, port, tls: trusting });
      await client.ping();
      await client.close();
    }
    const named = new FileClient({ host: '127.0.0.1', port, tls: { ...trusting, servername: 'localhost' } });
    await named.ping();
    await named.close();
    await server.close();
    listener.close();
    expect(names).toEqual(['localhost', false, 'localhost']);
  });

  it('that closes or times out during a handshake leaves no socket behind', async () => {
    const listener = createServer((socket) => socket.on('error', () => undefined).resume()).listen(
      0,
      '127.0.0.1',
    );
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const slow = new FileClient({ port, tls: true, timeouts: { connectMs: 50 }, reconnect: false });
    await expect(slow.ping()).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const connected = once(listener, 'connection');
    const closed = new FileClient({ port, tls: true });
    const ping = expect(closed.ping()).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    await connected;
    await closed.close({ graceMs: 0 });
    await ping;
    listener.close();
    // It waits for sockets that are open.
    await once(listener, 'close');
  });

  it('without the certificate that a server requires fails with EAUTH, too', async () => {
    const listener = tls.createServer(mutual, (socket) => socket.resume());
    listener.on('tlsClientError', () => undefined);
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    onTestFinished(() => void listener.close());
    const client = new FileClient({ port: (listener.address() as AddressInfo).port, tls: trusting });
    await expect(client.ping()).rejects.toMatchObject({ code: 'EAUTH', retryable: false });
  });
});

describe('a server that asks for certificates', () => {
  it('identifies many clients that connect at the same time', async () => {
    const asked: Promise<unknown>[] = [];
    const { connect } = await serve({
      storage: new MemoryStorage(),
      tls: mutual,
      authenticate: ({ certificate: shown, user }) =>
        shown?.subject.CN === user && user !== undefined && { name: user },
    });
    for (let index = 0; index < 30; index += 1) {
      const user = `client ${index}`;
      asked.push(connect({ tls: { ...trusting, ...clients.issue(user) }, user }).ping());
    }
    await Promise.all(asked);
  });

  it.each(codecs)(
    'refuses a client with a wrong certificate, or none, with EAUTH in %s, before any request',
    async (codec) => {
      const { server, connect, logins } = await serveLogins({ tls: mutual });
      const refusals: TransferError[] = [];
      server.on('rejected', (_connection, error) => refusals.push(error));
      for (const shown of [{}, stranger, selfSigned('ann')]) {
        const client = connect({
          codec,
          tls: { ...trusting, ...shown },
          reconnect: { waitOnFirstConnect: true },
        });
        await expect(client.writeFile('a', 'A')).rejects.toMatchObject({ code: 'EAUTH', retryable: false });
      }
      await connect({ codec, tls: { ...trusting, ...ann } }).ping();
      expect(refusals.map(({ code }) => code)).toEqual(['EAUTH', 'EAUTH', 'EAUTH']);
      expect(server.stats()).toMatchObject({
        rejectedConnections: 3,
        totalConnections: 4,
        failedRequests: 0,
      });
      expect(logins.map(({ certificate: shown }) => shown?.subject.CN)).toEqual(['ann']);
    },
  );

  it('refuses a client that sends requests without waiting for the welcome, too', async () => {
    const { server, port } = await serveLogins({ tls: mutual });
    const socket = tlsSocket(port);
    socket.write('hello version=1\nopen id=1 op=list\n');
    expect(await new Wire(socket).rest()).toMatch(/^error code=EAUTH [^\n]*\n$/);
    expect(server.stats()).toMatchObject({ servedRequests: 0, failedRequests: 0 });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'refuses a client that resumes a forged session, too, in %s',
    async (maxVersion) => {
      const { port, logins } = await serveLogins({ tls: mutual });
      for (const shown of [{}, stranger]) {
        let session: Buffer | undefined;
        for (const reused of [false, true]) {
          const socket = tlsSocket(port, { ...shown, maxVersion, ...(session && { session }) });
          socket.on('session', (told) => (session = told));
          socket.write('hello version=1\n');
          expect(await new Wire(socket).rest()).toMatch(/^error code=EAUTH [^\n]*\n$/);
          expect(socket.isSessionReused()).toBe(reused);
          socket.end();
        }
      }
      expect(logins).toEqual([]);
    },
  );

  describe('but accepts clients without one', () => {
    const lenient = { ...mutual, rejectUnauthorized: false };

    it('is told only the certificates that it can verify', async () => {
      const { connect, logins } = await serveLogins({ tls: lenient });
      for (const shown of [{}, stranger, selfSigned('ann'), ann]) {
        await connect({ tls: { ...trusting, ...shown } }).ping();
      }
      const names = logins.map(({ certificate: shown }) => shown?.subject.CN);
      expect(names).toEqual([undefined, undefined, undefined, 'ann']);
      expect(logins[0]).toHaveProperty('certificate', undefined);
    });

    it.each([
      ['none', {}, undefined],
      ['one of strangers', stranger, undefined],
      ['one that it can verify', ann, 'ann'],
    ])('is told the same for a resumed session of %s', async (_what, shown, name) => {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { server, port, logins } = await serveLogins({ tls: lenient });
        let session: Buffer | undefined;
        for (const reused of [false, true]) {
          const socket = tlsSocket(port, { ...shown, maxVersion, ...(session && { session }) });
          socket.on('session', (told) => (session = told));
          const wire = new Wire(socket);
          wire.send('hello version=1\n');
          expect(await wire.line()).toMatch(/^welcome /);
          expect(socket.isSessionReused()).toBe(reused);
          socket.end();
          await wire.rest();
        }
        expect(logins.map(({ certificate: told }) => told?.subject.CN)).toEqual([name, name]);
        expect(logins.map(({ certificate: told }) => told === undefined)).toEqual([!name, !name]);
        await server.close();
      }
    });
  });

  it('is told the same for TLS sockets that are passed to it', async () => {
    const { server, logins } = await serveLogins({});
    const listener = tls.createServer({ ...mutual, rejectUnauthorized: false }, (socket) =>
      server.accept(socket),
    );
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    onTestFinished(() => void listener.close());
    const { port } = listener.address() as AddressInfo;
    for (const shown of [stranger, ann]) {
      const client = new FileClient({ port, tls: { ...trusting, ...shown } });
      await client.ping();
      await client.close();
    }
    expect(logins.map(({ certificate: shown }) => shown?.subject.CN)).toEqual([undefined, 'ann']);
  });
});
