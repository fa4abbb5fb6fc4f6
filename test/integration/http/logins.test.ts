/** Logins over HTTP: Basic and Bearer, where they are accepted, and which connection has which user. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Credentials, FileServerOptions, TransferError } from '../../../src/index.js';
import { ask, oneConnection, sendRaw, serveHttp } from '../../support/http/ask.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { until } from '../../support/until.js';

const passwords: Record<string, string> = { ann: 'secret', 'bö b': 'pässword: €' };

/** Ann may write, the others may not; a token is that of a robot. */
function users(options: FileServerOptions = {}) {
  const seen: Credentials[] = [];
  const authenticate = (login: Credentials) => {
    seen.push(login);
    const { user, password, token } = login;
    if (token === 'robot-token') return { name: 'robot', permissions: ['read', 'list'] as const };
    if (user === undefined && options.http !== true) return { name: 'guest', permissions: ['list'] as const };
    if (user === undefined || passwords[user] !== password) return false;
    return user === 'ann'
      ? { name: user }
      : { name: user, root: 'bob', permissions: ['read', 'list'] as const };
  };
  const files = { 'a.txt': 'of all', 'bob/b.txt': 'of bob' };
  return { seen, serve: () => serveHttp(files, { authenticate, http: true, ...options }) };
}

describe('a server with logins', () => {
  it('asks a browser for a password, without asking the program', async () => {
    const { seen, serve } = users({ http: true });
    const { server, port } = await serve();
    const answer = await ask(port, 'GET /');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="socket-ftp", charset="UTF-8"');
    expect(seen).toEqual([]);
    expect(server.stats().rejectedLogins).toBe(0);
  });

  it('serves each user what that user may see', async () => {
    const { port } = await users({ http: true }).serve();
    expect((await ask(port, 'GET /a.txt', { auth: 'ann:secret' })).text).toBe('of all');
    const basic = `Basic ${Buffer.from('bö b:pässword: €').toString('base64')}`;
    const bob = (line: string) => ask(port, line, { headers: { authorization: basic } });
    expect((await bob('GET /b.txt')).text).toBe('of bob');
    expect((await bob('GET /a.txt')).status).toBe(404);
    expect((await bob('PUT /new.txt')).status).toBe(403);
    const robot = { headers: { authorization: 'Bearer robot-token' } };
    expect((await ask(port, 'GET /a.txt', robot)).text).toBe('of all');
  });

  it('refuses a wrong password, and counts it', async () => {
    const { server, port } = await users({ http: true }).serve();
    const rejected: (string | undefined)[] = [];
    server.on('rejected', (_, __, user) => rejected.push(user));
    for (const auth of ['ann:wrong', 'nobody:secret', 'ann:'])
      expect((await ask(port, 'GET /a.txt', { auth })).status).toBe(401);
    expect(rejected).toEqual(['ann', 'nobody', 'ann']);
    expect(server.stats().rejectedLogins).toBe(3);
  });

  it('refuses credentials that it cannot read', async () => {
    const { seen, serve } = users({ http: true });
    const { port } = await serve();
    const wrong = ['Basic', 'Basic YQ==', 'Digest abc', `Basic ${'a'.repeat(5_000)}`, 'Basic YTpiAGM=', 'x'];
    for (const authorization of wrong)
      expect((await ask(port, 'GET /', { headers: { authorization } })).status).toBe(401);
    expect(seen).toEqual([]);
  });

  it('makes one connection of the server for each login on a socket', async () => {
    const { server, port } = await users({ http: true }).serve();
    const logins: [number, string][] = [];
    server.on('login', ({ id }, { name }) => logins.push([id, name]));
    const agent = oneConnection();
    const bob = { headers: { authorization: 'Bearer robot-token' } };
    expect((await ask(port, 'GET /a.txt', { auth: 'ann:secret', agent })).status).toBe(200);
    expect((await ask(port, 'PUT /b.txt', { auth: 'ann:secret', agent })).status).toBe(201);
    expect((await ask(port, 'PUT /c.txt', { ...bob, agent })).status).toBe(403);
    expect((await ask(port, 'PUT /c.txt', { auth: 'ann:secret', agent })).status).toBe(201);
    expect(logins.map(([, name]) => name)).toEqual(['ann', 'robot', 'ann']);
    expect(new Set(logins.map(([id]) => id)).size).toBe(3);
    await until(() => server.stats().connections === 1);
    expect(server.connections().map(({ user }) => user)).toEqual(['ann']);
    agent.destroy();
    await until(() => server.stats().connections === 0);
  });

  it('with the option anonymous asks the program about requests without a password', async () => {
    const { port } = await users({ http: { anonymous: true } }).serve();
    expect((await ask(port, 'GET /')).status).toBe(200);
    // What a guest may not do, a user may.
    expect((await ask(port, 'GET /a.txt')).status).toBe(401);
    expect((await ask(port, 'GET /a.txt', { auth: 'ann:secret' })).status).toBe(200);
  });
});

describe('over a connection that others can read', () => {
  const behindProxy = { proxyProtocol: { from: ['127.0.0.1'] } };
  const header = 'PROXY TCP4 203.0.113.7 192.0.2.1 1234 80\r\n';
  const get = (more = '') =>
    `${header}GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;

  it('no password is asked for, and none is accepted', async () => {
    const { seen, serve } = users({ http: true, ...behindProxy });
    const { port } = await serve();
    const unasked = await sendRaw(port, get());
    expect(unasked).toMatch(/^HTTP\/1\.1 403 /);
    expect(unasked).toContain('accepts it over https only');
    expect(unasked.toLowerCase()).not.toContain('www-authenticate');
    const sent = await sendRaw(port, get('Authorization: Basic YW5uOnNlY3JldA==\r\n'));
    expect(sent).toMatch(/^HTTP\/1\.1 403 /);
    expect(sent).not.toContain('of all');
    expect(seen).toEqual([]);
  });

  it('it is, if the server allows it', async () => {
    const { port } = await users({ http: true, allowUnencryptedCredentials: true, ...behindProxy }).serve();
    expect(await sendRaw(port, get())).toMatch(/^HTTP\/1\.1 401 /);
    expect(await sendRaw(port, get('Authorization: Basic YW5uOnNlY3JldA==\r\n'))).toContain('of all');
  });
});

describe('over TLS', () => {
  it('browsers and clients use one port', async () => {
    const { serve } = users({ http: true, tls: certificate });
    const { port, connect: client } = await serve();
    expect((await ask(port, 'GET /a.txt', { auth: 'ann:secret', secure: true })).text).toBe('of all');
    const ann = client({ tls: trusting, host: 'localhost', user: 'ann', password: 'secret' });
    expect((await ann.readFile('a.txt')).toString()).toBe('of all');
  });

  it('a browser negotiates http/1.1, also after the certificate was replaced', async () => {
    const { server, port } = await users({ http: true, tls: certificate }).serve();
    const negotiated = async () => {
      const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2', 'http/1.1'], ...trusting });
      await once(socket, 'secureConnect');
      socket.destroy();
      return socket.alpnProtocol;
    };
    expect(await negotiated()).toBe('http/1.1');
    server.setSecureContext(certificate);
    expect(await negotiated()).toBe('http/1.1');
  });

  it('a request without TLS is told to use https', async () => {
    const { server, port } = await users({ http: true, tls: certificate }).serve();
    const rejected = once(server, 'rejected') as Promise<[unknown, TransferError]>;
    const answer = await ask(port, 'GET /a.txt', { auth: 'ann:secret' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('https://');
    expect((await rejected)[1].code).toBe('EPROTO');
  });
});
