import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpGateway } from '../../../examples/gateway/http-gateway.js';
import { errorTable, FileClient, httpStatusOf, httpStatusTable, TransferError } from '../../../src/index.js';
import { until } from '../../support/until.js';
import { serve } from '../../support/servers/serve.js';

const MIB = 1024 * 1024;

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

async function gatewayTo(root: string, options: { maxBytes?: number } = {}) {
  const { server } = await serve({ root });
  const client = new FileClient({ port: server.port });
  const gateway = createServer(httpGateway(client, options)).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  onTestFinished(async () => {
    gateway.closeAllConnections();
    gateway.close();
    await client.close();
  });
  return { server, client, gateway, port: portOf(gateway) };
}

async function temporaryRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-gateway-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

async function namesIn(client: FileClient): Promise<string[]> {
  return (await client.readdir()).map(({ path: name }) => name);
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The gateway does not listen.');
  return address.port;
}

interface Question {
  headers?: Record<string, string>;
  body?: Buffer | string;
}

async function ask(port: number, method: string, ...rest: [string, Question?]): Promise<Answer> {
  const [target, { headers = {}, body } = {}] = rest;
  const request = httpRequest({ port, host: '127.0.0.1', method, path: target, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

describe('the HTTP gateway of the examples', () => {
  it('stores, serves, lists conditions, and removes with the statuses of HTTP', async () => {
    const root = await temporaryRoot();
    const { client, port } = await gatewayTo(root);
    expect(await ask(port, 'PUT', '/a%20b.txt', { body: '0123456789' })).toMatchObject({ status: 201 });
    expect(await readFile(path.join(root, 'a b.txt'), 'utf8')).toBe('0123456789');
    const whole = await ask(port, 'GET', '/a%20b.txt');
    expect(whole).toMatchObject({ status: 200, body: Buffer.from('0123456789') });
    const etag = whole.headers.etag ?? '';
    expect(etag).toMatch(/^"[^"\s]+"$/);

    const ranges: [string, string, string][] = [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=8-99', '89', 'bytes 8-9/10'],
    ];
    for (const [range, text, contentRange] of ranges) {
      expect(await ask(port, 'GET', '/a%20b.txt', { headers: { range } })).toMatchObject({
        status: 206,
        body: Buffer.from(text),
        headers: { 'content-range': contentRange },
      });
    }
    expect(await ask(port, 'GET', '/a%20b.txt', { headers: { range: 'bytes=10-' } })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10' },
    });
    const other = { range: 'bytes=2-4', 'if-range': '"another"' };
    expect(await ask(port, 'GET', '/a%20b.txt', { headers: other })).toMatchObject({ status: 200 });
    expect(await ask(port, 'HEAD', '/a%20b.txt')).toMatchObject({
      status: 200,
      headers: { 'content-length': '10' },
    });
    expect(await ask(port, 'GET', '/a%20b.txt', { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 304,
      body: Buffer.alloc(0),
    });

    const ifNew = { headers: { 'if-none-match': '*' }, body: 'x' };
    expect(await ask(port, 'PUT', '/a%20b.txt', ifNew)).toMatchObject({ status: 412 });
    const ifOther = { headers: { 'if-match': '"another"' }, body: 'x' };
    expect(await ask(port, 'PUT', '/a%20b.txt', ifOther)).toMatchObject({ status: 412 });
    const ifSame = { headers: { 'if-match': etag }, body: 'new' };
    expect(await ask(port, 'PUT', '/a%20b.txt', ifSame)).toMatchObject({ status: 204 });
    expect(await readFile(path.join(root, 'a b.txt'), 'utf8')).toBe('new');

    expect(await ask(port, 'GET', '/missing')).toMatchObject({ status: 404 });
    expect(await ask(port, 'PUT', '/a%20b.txt/below', { body: 'x' })).toMatchObject({ status: 409 });
    expect(await ask(port, 'GET', '/')).toMatchObject({ status: 409 });
    expect(await ask(port, 'GET', '/..%2fetc')).toMatchObject({ status: 400 });
    expect(await ask(port, 'GET', '/%ff')).toMatchObject({ status: 400 });
    expect(await ask(port, 'POST', '/a%20b.txt')).toMatchObject({ status: 405 });
    const conditional = { headers: { 'if-match': '"another"' } };
    expect(await ask(port, 'DELETE', '/a%20b.txt', conditional)).toMatchObject({ status: 501 });
    expect(await ask(port, 'DELETE', '/a%20b.txt')).toMatchObject({ status: 204 });
    expect(await namesIn(client)).toEqual([]);
  });

  it.each(['with a length', 'in chunks'])('refuses a body that is too large, sent %s', async (how) => {
    const root = await temporaryRoot();
    const { client, port } = await gatewayTo(root, { maxBytes: 1000 });
    const request = httpRequest({ port, host: '127.0.0.1', method: 'PUT', path: '/large.bin', agent: false });
    request.on('error', () => undefined);
    if (how === 'with a length') request.setHeader('content-length', 1001);
    request.end(Buffer.alloc(1001));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(413);
    expect(await ask(port, 'PUT', '/small.bin', { body: Buffer.alloc(1000) })).toMatchObject({ status: 201 });
    expect(await namesIn(client)).toEqual(['small.bin']);
  });

  it('ends the transfer if the HTTP client leaves, and serves the next request', async () => {
    const root = await temporaryRoot();
    await writeFile(path.join(root, 'large.bin'), Buffer.alloc(64 * MIB));
    const { client, port, server } = await gatewayTo(root);

    const get = httpRequest({ port, host: '127.0.0.1', path: '/large.bin', agent: false }).end();
    const [response] = (await once(get, 'response')) as [IncomingMessage];
    await once(response, 'readable');
    expect(server.stats().activeRequests).toBe(1);
    response.on('error', () => undefined);
    get.on('error', () => undefined).destroy();
    await until(() => server.stats().activeRequests === 0);

    const put = httpRequest({ port, host: '127.0.0.1', method: 'PUT', path: '/new.bin', agent: false });
    put.on('error', () => undefined);
    put.write(Buffer.alloc(MIB));
    await until(() => server.stats().activeRequests === 1);
    put.destroy();
    await until(() => server.stats().activeRequests === 0);
    expect(await namesIn(client)).toEqual(['large.bin']);
    expect(await ask(port, 'GET', '/large.bin', { headers: { range: 'bytes=0-0' } })).toMatchObject({
      status: 206,
    });
  });

  it('cuts the response if the server of files ends in the middle', async () => {
    const root = await temporaryRoot();
    await writeFile(path.join(root, 'large.bin'), Buffer.alloc(64 * MIB));
    const { port, client } = await gatewayTo(root);
    const get = httpRequest({ port, host: '127.0.0.1', path: '/large.bin', agent: false }).end();
    const [response] = (await once(get, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    client.destroy();
    await expect(response.toArray()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await ask(port, 'GET', '/large.bin')).toMatchObject({ status: 503 });
  });

  it('serves curl, which resumes an interrupted download', async ({ skip }) => {
    const root = await temporaryRoot();
    const { port } = await gatewayTo(root);
    const file = path.join(root, 'c.bin');
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    await writeFile(file, bytes);
    const copy = path.join(root, 'copy.bin');
    await writeFile(copy, bytes.subarray(0, 40_000));
    const url = `http://127.0.0.1:${port}/c.bin`;
    const status = await curl(['-s', '-C', '-', '-o', copy, '-w', '%{http_code}', url]);
    if (status === undefined) skip('This machine has no curl.');
    expect(status).toBe('206');
    expect(await readFile(copy)).toEqual(bytes);
    expect(await curl(['-s', '-o', copy, '-w', '%{http_code}', `${url}.missing`])).toBe('404');
    expect(await curl(['-s', '-T', file, '-w', '%{http_code}', `http://127.0.0.1:${port}/d.bin`])).toBe(
      '201',
    );
    expect(await readFile(path.join(root, 'd.bin'))).toEqual(bytes);
  });
});

/** What curl prints; undefined if there is no curl. */
async function curl(args: string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile('curl', args, (error, stdout) => {
      if (!error) resolve(stdout);
      else if (error.code === 'ENOENT') resolve(undefined);
      else reject(new Error('curl failed.', { cause: error }));
    });
  });
}

describe('the status of HTTP of an error', () => {
  it('is in the table for each code of the table of errors', () => {
    expect(Object.keys(httpStatusTable)).toEqual(Object.keys(errorTable));
    for (const status of Object.values(httpStatusTable)) expect(status >= 400 && status < 600).toBe(true);
  });

  it('is 500 for a code of a program, and that of the code for any other error', () => {
    expect(httpStatusOf(new TransferError('EPAYMENT'))).toBe(500);
    expect(httpStatusOf(new TransferError('ENOENT'))).toBe(404);
    expect(httpStatusOf(Object.assign(new Error('full'), { code: 'ENOSPC' }))).toBe(507);
  });
});
