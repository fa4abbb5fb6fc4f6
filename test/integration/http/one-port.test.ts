/** Browsers beside clients of the protocol: the same port, limits, hooks and events. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileServer, TransferError, type ConnectionInfo } from '../../../src/index.js';
import { Wire } from '../../support/frames/wire.js';
import { ask, oneConnection, sendRaw, serveHttp } from '../../support/http/ask.js';
import { serve, storageOf, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

describe('a server with the option http', () => {
  it.each(['text', 'json', 'xml', 'binary'] as const)('serves clients of the codec %s', async (codec) => {
    const { port, connect: client } = await serveHttp({ 'a.txt': 'text' });
    expect((await client({ codec }).readFile('a.txt')).toString()).toBe('text');
    expect((await ask(port, 'GET /a.txt')).text).toBe('text');
  });

  it('recognises HTTP and every other first byte, however they arrive', async () => {
    const { port } = await serveHttp({ 'a.txt': 'the text' });
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    for (const character of 'GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n') {
      socket.write(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await once(socket, 'close');
    expect(received).toContain('the text');
    const wire = await Wire.connect(port);
    for (const character of 'hello version=1\n') wire.send(character);
    expect(await wire.line()).toMatch(/^welcome /);
    expect(await sendRaw(port, 'GETTING nothing\r\n')).toMatch(/^error code=EPROTO /);
  });

  it('answers HTTP beside a codec that cannot be detected', async () => {
    const { port, connect: client } = await serveHttp({ 'a.txt': 'text' }, { codec: 'json' });
    expect((await ask(port, 'GET /a.txt')).text).toBe('text');
    expect((await client({ codec: 'json' }).readFile('a.txt')).toString()).toBe('text');
  });

  it('answers on a Unix socket', async () => {
    const path = `${await temporaryDirectory()}/socket`;
    const server = new FileServer({ storage: await storageOf({ a: 'text' }), http: true });
    await server.listen(path);
    const socket = connect(path).setEncoding('utf8');
    let received = '';
    socket.on('data', (text: string) => (received += text));
    socket.write('GET /a HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 200 [^]*text$/);
    await server.close();
  });

  it.each([
    [{ http: 'yes' }, 'The option http must be a boolean or an object, not yes.'],
    [{ http: { host: ['a'] } }, 'http has no option host. It has hosts, anonymous.'],
    [{ http: { hosts: [] } }, 'The option http.hosts must be an array of host names'],
    [{ http: { hosts: ['a:80'] } }, 'The option http.hosts must be an array of host names'],
    [{ http: { anonymous: 1 } }, 'The option http.anonymous must be true or false, not 1.'],
  ])('refuses the option %o', (options, message) => {
    expect(() => new FileServer(options as never)).toThrow(message);
  });
});

it('a server without the option answers HTTP with a line of text', async () => {
  const { port } = await serve({ storage: await storageOf({}) });
  expect(await sendRaw(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).toMatch(/^error code=EPROTO /);
});

describe('a request of HTTP', () => {
  it('is told to the program like any other', async () => {
    const { server, port } = await serveHttp({ 'a.txt': 'text' });
    const events: string[] = [];
    const infos: ConnectionInfo[] = [];
    server.on('connection', (info) => infos.push(info));
    server.on('requestEnd', ({ operation, path, bytes }) => events.push(`${operation} ${path} ${bytes}`));
    const closed = once(server, 'disconnect');
    expect((await ask(port, 'GET /a.txt', { headers: { 'user-agent': 'browser' } })).status).toBe(200);
    expect(await closed).toEqual([infos[0], undefined]);
    expect(events).toEqual(['stat a.txt 0', 'download a.txt 4']);
    expect(infos).toMatchObject([{ id: 1, codec: 'http', remoteAddress: '127.0.0.1', encrypted: false }]);
    expect(server.stats()).toMatchObject({ totalConnections: 1, connections: 0, failedRequests: 0 });
  });

  it('leaves nothing behind on a connection with many of them', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const { server, port } = await serveHttp({ 'a.txt': 'text' });
    const agent = oneConnection();
    for (let count = 0; count < 40; count++)
      expect((await ask(port, 'GET /a.txt', { agent })).text).toBe('text');
    expect(server.stats().totalConnections).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('passes the hooks', async () => {
    const calls: string[] = [];
    const { port } = await serveHttp(
      {},
      {
        before: ({ operation }) => void calls.push(`before ${operation}`),
        beforeCommit: async ({ path, read }) => {
          let text = '';
          for await (const piece of read()) text += String(piece);
          calls.push(`beforeCommit ${path} ${text}`);
          if (text === 'virus') throw new TransferError('EACCES', 'This file has a virus.');
        },
        after: ({ operation }) => void calls.push(`after ${operation}`),
      },
    );
    expect((await ask(port, 'PUT /a.txt', { body: 'fine' })).status).toBe(201);
    expect(calls).toEqual(
      expect.arrayContaining(['before upload', 'beforeCommit a.txt fine', 'after upload']),
    );
    const refused = await ask(port, 'PUT /b.txt', { body: 'virus' });
    expect(refused).toMatchObject({ status: 403, text: 'This file has a virus.\n' });
    expect((await ask(port, 'GET /b.txt')).status).toBe(404);
  });

  it('takes the time that the bandwidth of its connection allows', async () => {
    const bandwidth = { connection: { download: 400_000, upload: 400_000 } };
    const { port } = await serveHttp({ a: Buffer.alloc(400_000) }, { bandwidth });
    for (const line of ['GET /a', 'PUT /b']) {
      const since = performance.now();
      const { status } = await ask(port, line, line === 'PUT /b' ? { body: Buffer.alloc(400_000) } : {});
      expect(status).toBeLessThan(300);
      expect(performance.now() - since).toBeGreaterThan(700);
    }
  });

  it('counts toward the limits of connections', async () => {
    const limits = { maxConnectionsPerAddress: 1 };
    const { server, port } = await serveHttp({ a: 'text' }, { limits });
    const agent = oneConnection();
    expect((await ask(port, 'GET /a', { agent })).status).toBe(200);
    const refused = await ask(port, 'GET /a');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('limit of 1 connections');
    expect(server.stats().rejectedConnections).toBe(1);
    agent.destroy();
    await until(() => server.stats().connections === 0);
    expect((await ask(port, 'GET /a')).status).toBe(200);
  });

  it('is ended with the connection that the server disconnects', async () => {
    const { server, port } = await serveHttp({ 'large.bin': Buffer.alloc(30_000_000) });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'readable');
    expect(server.connections()).toMatchObject([{ codec: 'http', requests: [{ operation: 'download' }] }]);
    expect(server.disconnect(1)).toBe(1);
    socket.resume().on('error', () => undefined);
    await once(socket, 'close');
    expect(socket.bytesRead).toBeLessThan(30_000_000);
    await until(() => server.stats().connections === 0);
  });

  it('that runs when the server closes is answered, and idle connections are closed', async () => {
    const storage = await storageOf({ a: 'text' });
    const server = await new FileServer({
      storage,
      http: true,
      before: async ({ operation }) => {
        if (operation === 'download') await closing;
      },
    }).listen(0);
    let release = (): void => undefined;
    const closing = new Promise<void>((resolve) => (release = resolve));
    const idle = oneConnection();
    expect((await ask(server.port, 'HEAD /', { agent: idle })).status).toBe(200);
    const get = 'GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const running = sendRaw(server.port, get + get);
    await until(() => server.connections().some(({ requests }) => requests.length > 0));
    const closed = server.close();
    release();
    // The second request of the connection comes too late.
    expect((await running).match(/HTTP\/1\.1 \d+|text$/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503']);
    await closed;
    expect(server.stats().connections).toBe(0);
  });
});
