/** Clients of HTTP that break the rules, or take their time. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileServerOptions } from '../../../src/index.js';
import { ask, ended, sendRaw, serveHttp, started } from '../../support/http/ask.js';
import { until } from '../../support/until.js';

const HOST = 'Host: localhost\r\n';
const LARGE = Buffer.alloc(60_000_000, 'x');

function open(port: number, bytes: string): Socket {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined).write(bytes);
  return socket;
}

/** A server whose time limits are short. The first request of HTTP loads what answers it. */
function impatient(files: Record<string, string | Buffer> = {}, options: FileServerOptions = {}) {
  const timeouts = { handshakeMs: 2_000, stallMs: 300 };
  return serveHttp(files, { timeouts, ...options });
}

describe('a client that is slow', () => {
  it.each(['G', 'GET /', 'GET / HTTP/1.1\r\nX: y\r\n', ''])(
    'is disconnected after the bytes %j',
    async (bytes) => {
      const { server, port } = await impatient();
      await sendRaw(port, bytes === '' ? Buffer.alloc(0) : bytes);
      await until(() => server.connections().length === 0);
    },
  );

  it('is disconnected when its next request does not arrive', async () => {
    const { port } = await impatient({ a: 'text' });
    const first = `GET /a HTTP/1.1\r\n${HOST}\r\n`;
    const received = await sendRaw(port, `${first}GET /a HTTP/1.1\r\nX: `);
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  }, 40_000);

  it('that reads nothing loses its download', async () => {
    const { server, port } = await impatient({ 'large.bin': LARGE });
    const download = ended(server, 'download');
    const socket = open(port, `GET /large.bin HTTP/1.1\r\n${HOST}\r\n`);
    socket.pause();
    expect((await download).error).toMatchObject({ code: 'ETIMEDOUT' });
    await until(() => server.connections().length === 0);
  });

  it('that sends nothing more loses its upload', async () => {
    const { server, port } = await impatient();
    const upload = ended(server, 'upload');
    const answer = sendRaw(port, `PUT /a HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\nfirst bytes`);
    expect((await upload).error).toMatchObject({ code: 'ETIMEDOUT' });
    expect(await answer).toMatch(/^HTTP\/1\.1 504 /);
    expect((await ask(port, 'GET /a')).status).toBe(404);
  });
});

describe('a client that leaves', () => {
  it('ends its download', async () => {
    const { server, port } = await serveHttp({ 'large.bin': LARGE });
    const download = ended(server, 'download');
    const socket = open(port, `GET /large.bin HTTP/1.1\r\n${HOST}\r\n`);
    await once(socket, 'readable');
    socket.destroy();
    expect((await download).error).toBeDefined();
    await until(() => server.connections().length === 0);
  });

  it('ends its archive, and its page', async () => {
    const { server, port } = await serveHttp({ 'a.bin': LARGE, 'b.bin': LARGE });
    for (const target of ['/?archive=tar', '/']) {
      const socket = open(port, `GET ${target} HTTP/1.1\r\n${HOST}\r\n`);
      await once(socket, 'readable');
      socket.destroy();
      await until(() => server.connections().length === 0);
    }
    expect(server.stats().activeRequests).toBe(0);
  });

  it('in the middle of a form leaves no file', async () => {
    const { server, port } = await serveHttp();
    const begun = started(server, 'upload');
    const upload = ended(server, 'upload');
    const type = 'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 99999\r\n';
    const part = '--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nbytes';
    const socket = open(port, `POST / HTTP/1.1\r\n${HOST}${type}\r\n${part}`);
    await begun;
    socket.destroy();
    expect((await upload).error).toBeDefined();
    expect((await ask(port, 'GET /a')).status).toBe(404);
  });
});

describe('a request that is wrong', () => {
  it.each([
    ['has a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['has two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['has chunks inside of another coding', 'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
    ['has a line end in a header', 'X: a\rb\r\nContent-Length: 0\r\n\r\n'],
    ['has a header without a name', ': a\r\n\r\n'],
    ['has a negative length', 'Content-Length: -5\r\n\r\n'],
  ])('because it %s is refused, and what follows is no request', async (_, rest) => {
    const { server, port } = await serveHttp({ a: '' });
    const smuggled = `GET /a HTTP/1.1\r\n${HOST}\r\n`;
    const answer = await sendRaw(port, `PUT /b HTTP/1.1\r\n${HOST}${rest}${smuggled}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(server.stats().servedRequests).toBe(0);
  });

  it('because its head is too large is refused', async () => {
    const { port } = await serveHttp();
    expect(await sendRaw(port, `GET / HTTP/1.1\r\n${HOST}X: ${'y'.repeat(30_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await sendRaw(port, `GET /${'y'.repeat(30_000)} HTTP/1.1\r\n${HOST}\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  it('because it has more headers than are read is refused, instead of served without the last ones', async () => {
    const { port, connect } = await serveHttp({ a: 'old' });
    const request = (count: number, last: string): string =>
      `PUT /a HTTP/1.1\r\n${HOST}Content-Length: 3\r\n${'X: y\r\n'.repeat(count)}${last}\r\nnew`;
    expect(await sendRaw(port, request(98, 'If-None-Match: *\r\n'))).toMatch(/^HTTP\/1\.1 431 /);
    expect(await connect().readFile('a', 'utf8')).toBe('old');
    expect(await sendRaw(port, request(97, 'Connection: close\r\n'))).toMatch(/^HTTP\/1\.1 204 /);
  });

  it('because it has two hosts is refused', async () => {
    const { port } = await serveHttp({ a: 'text' });
    expect(await sendRaw(port, `GET /a HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });

  it.each([
    '',
    'Host: \r\n',
    'Host: evil.example\r\n',
    'Host: 192.0.2.1\r\n',
    'Host: localhost@evil\r\n',
    'Host: a b\r\n',
  ])('with the host %j is refused', async (host) => {
    const { port } = await serveHttp({ a: 'secret text' });
    const answer = await sendRaw(port, `GET /a HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4(?:00|21) /);
    expect(answer).not.toContain('secret text');
  });

  it.each(['localhost', 'LOCALHOST:80', 'a.localhost', '127.0.0.1', '127.8.9.10:99', '[::1]:8080'])(
    'with the host %s is none',
    async (host) => {
      const { port } = await serveHttp({ a: 'text' });
      expect((await ask(port, 'GET /a', { headers: { host } })).status).toBe(200);
    },
  );

  it('is none for a host that the option names', async () => {
    const { port } = await serveHttp({ a: 'text' }, { http: { hosts: ['Files.example.com'] } });
    expect((await ask(port, 'GET /a', { headers: { host: 'files.EXAMPLE.com:8080' } })).status).toBe(200);
    expect((await ask(port, 'GET /a', { headers: { host: 'example.com' } })).status).toBe(421);
  });

  it.each(['CONNECT localhost:1', 'TRACE /', 'PATCH /', 'PROPFIND /', 'GET http://localhost/a', 'GET *'])(
    '%s is refused',
    async (line) => {
      const { port } = await serveHttp({ a: '' });
      const answer = await sendRaw(port, `${line} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
      expect(answer).toMatch(/^(?:HTTP\/1\.1 40[05] .*|$)/);
      expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
    },
  );
});

describe('pipelined requests', () => {
  it('are answered in their order', async () => {
    const { port } = await serveHttp({ a: 'text of a', b: 'text of b' });
    const get = (name: string, more = '') => `GET /${name} HTTP/1.1\r\n${HOST}${more}\r\n`;
    const put = `PUT /c HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\ntext of c`;
    const received = await sendRaw(
      port,
      get('a') + get('b') + put + get('c') + get('a', 'Connection: close\r\n'),
    );
    expect(received.match(/text of .|HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      'text of a',
      'HTTP/1.1 200',
      'text of b',
      'HTTP/1.1 201',
      'HTTP/1.1 200',
      'text of c',
      'HTTP/1.1 200',
      'text of a',
    ]);
  });

  it('end the connection if there are too many', async () => {
    const { server, port } = await serveHttp({ a: 'text' });
    await sendRaw(port, `GET /a HTTP/1.1\r\n${HOST}\r\n`.repeat(10_000));
    expect(server.stats().servedRequests).toBeLessThan(100);
    await until(() => server.connections().length === 0);
  });
});
