/** PUT, POST and DELETE: what is stored, and what is not. */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ask, ended, sendRaw, serveHttp, started } from '../../support/http/ask.js';
import type { Served } from '../../support/servers/serve.js';

const LARGE = Buffer.alloc(3_000_000, 'many bytes ');
const BOUNDARY = 'the-boundary';

async function namesIn(served: Served): Promise<string[]> {
  const names = [];
  for await (const { path } of served.connect().list('', { recursive: true })) names.push(path);
  return names.sort();
}

async function textOf(served: Served, path: string): Promise<string> {
  return (await served.connect().readFile(path)).toString();
}

/** The body of a form; a file is a name with its bytes, a field has no name of a file. */
function form(...parts: [name: string, fileName: string | undefined, value: string | Buffer][]) {
  const pieces = parts.flatMap(([name, fileName, value]) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"` +
      (fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: text/plain`) +
      '\r\n\r\n',
    value,
    '\r\n',
  ]);
  const body = Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece)));
  return { body, headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } };
}

describe('a PUT', () => {
  it('creates a file, and then replaces it', async () => {
    const served = await serveHttp();
    const created = await ask(served.port, 'PUT /a%20b.bin', { body: LARGE });
    expect(created).toMatchObject({ status: 201, text: '' });
    expect((await ask(served.port, 'GET /a%20b.bin')).headers.etag).toBe(created.headers.etag);
    const replaced = await ask(served.port, 'PUT /a%20b.bin', { body: 'short' });
    expect(replaced.status).toBe(204);
    expect(await textOf(served, 'a b.bin')).toBe('short');
  });

  it('without a length, or without a byte, stores what arrives', async () => {
    const served = await serveHttp();
    const headers = { 'transfer-encoding': 'chunked' };
    expect((await ask(served.port, 'PUT /a', { body: LARGE, headers })).status).toBe(201);
    expect((await ask(served.port, 'PUT /empty')).status).toBe(201);
    expect(LARGE.equals(await served.connect().readFile('a'))).toBe(true);
    expect(await textOf(served, 'empty')).toBe('');
  });

  it('with If-None-Match: * only creates', async () => {
    const served = await serveHttp({ 'old.txt': 'old' });
    const headers = { 'if-none-match': '*' };
    expect((await ask(served.port, 'PUT /old.txt', { body: 'new', headers })).status).toBe(412);
    expect((await ask(served.port, 'PUT /new.txt', { body: 'new', headers })).status).toBe(201);
    expect(await textOf(served, 'old.txt')).toBe('old');
  });

  it('with If-Match only replaces that version', async () => {
    const served = await serveHttp({ 'a.txt': 'one' });
    const { etag = '' } = (await ask(served.port, 'HEAD /a.txt')).headers;
    const put = (path: string, ifMatch: string) =>
      ask(served.port, `PUT ${path}`, { body: 'two', headers: { 'if-match': ifMatch } });
    expect((await put('/a.txt', '"other"')).status).toBe(412);
    expect((await put('/missing.txt', '*')).status).toBe(412);
    expect(await textOf(served, 'a.txt')).toBe('one');
    expect((await put('/a.txt', `"other", ${etag}`)).status).toBe(204);
    expect((await put('/a.txt', etag)).status).toBe(412);
    expect((await put('/a.txt', '*')).status).toBe(204);
  });

  it.each([
    ['PUT /directory/', {}, 405],
    ['PUT /', {}, 405],
    ['PUT /directory', {}, 409],
    ['PUT /missing/a', {}, 404],
    ['PUT /a', { 'content-range': 'bytes 0-3/4' }, 400],
    ['PUT /a', { 'content-encoding': 'gzip' }, 415],
    ['PUT /a', { 'if-none-match': '"x"' }, 400],
    ['PUT /nul.txt', {}, 400],
    ['PUT /..%2fa', {}, 400],
  ])('%s with %o fails with %d, and stores nothing', async (line, headers, status) => {
    const served = await serveHttp({ 'directory/b': 'b' });
    expect((await ask(served.port, line, { body: 'text', headers: { ...headers } })).status).toBe(status);
    expect(await namesIn(served)).toEqual(['directory', 'directory/b']);
  });

  it('that is refused is answered although its body has not arrived, and without asking for it', async () => {
    const { port } = await serveHttp({}, { permissions: ['list', 'read'] });
    const head = `PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n`;
    const expecting = await sendRaw(port, `${head}Expect: 100-continue\r\n\r\n`);
    expect(expecting).toMatch(/^HTTP\/1\.1 403 /);
    expect(await sendRaw(port, `${head}\r\nfirst bytes`)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('of more bytes than a file can have is refused', async () => {
    const { port } = await serveHttp();
    const head = `PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9007199254740993\r\n\r\n`;
    expect(await sendRaw(port, head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that is cut leaves nothing behind', async () => {
    const served = await serveHttp({ 'a.txt': 'old' });
    const upload = ended(served.server, 'upload');
    const socket = connect(served.port, '127.0.0.1');
    socket.write('PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nonly some bytes');
    await started(served.server, 'upload');
    socket.on('error', () => undefined).destroy();
    expect((await upload).error).toBeDefined();
    expect(await textOf(served, 'a.txt')).toBe('old');
    expect(await namesIn(served)).toEqual(['a.txt']);
  });

  it('is refused if the file is too large for the quota', async () => {
    const quota = { fileBytes: 1_000_000 };
    const authenticate = () => ({ name: 'ann', quota });
    const served = await serveHttp({}, { authenticate, http: { anonymous: true } });
    expect((await ask(served.port, 'PUT /a', { body: LARGE })).status).toBe(413);
    const headers = { 'transfer-encoding': 'chunked' };
    expect((await ask(served.port, 'PUT /a', { body: LARGE, headers })).status).toBe(413);
    expect(await namesIn(served)).toEqual([]);
  });
});

describe('a form', () => {
  it('stores its files, and leads back to the page of the directory', async () => {
    const served = await serveHttp({ 'a b/old.txt': 'old' });
    const sent = form(['file', 'one.txt', 'one'], ['file', 'ü & %C3.bin', LARGE], ['file', 'empty', '']);
    const answer = await ask(served.port, 'POST /a%20b/', sent);
    expect(answer).toMatchObject({ status: 303, headers: { location: '/a%20b/' } });
    const names = ['a b', 'a b/empty', 'a b/old.txt', 'a b/one.txt', 'a b/ü & %C3.bin'];
    expect(await namesIn(served)).toEqual(names);
  });

  it('stores large and empty files byte for byte', async () => {
    const served = await serveHttp();
    const tricky = Buffer.from(`\r\n--${BOUNDARY.slice(0, -1)}\r\n--\r\n\r\n--the-boundar`.repeat(3_000));
    const sent = form(['f', 'large', LARGE], ['f', 'empty', ''], ['f', 'tricky', tricky], ['f', '', '']);
    expect((await ask(served.port, 'POST /', sent)).status).toBe(303);
    const client = served.connect();
    expect(LARGE.equals(await client.readFile('large'))).toBe(true);
    expect(await textOf(served, 'empty')).toBe('');
    expect(tricky.equals(await client.readFile('tricky'))).toBe(true);
    expect(await namesIn(served)).toEqual(['empty', 'large', 'tricky']);
  });

  it('replaces files only if it says so', async () => {
    const served = await serveHttp({ 'a.txt': 'old' });
    const refused = await ask(
      served.port,
      'POST /',
      form(['f', 'b', 'b'], ['f', 'a.txt', 'new'], ['f', 'c', 'c']),
    );
    expect(refused.status).toBe(409);
    expect(refused.text).toBe('a.txt: The target already exists. Files stored before it: 1.\n');
    expect(await textOf(served, 'a.txt')).toBe('old');
    expect(await namesIn(served)).toEqual(['a.txt', 'b']);
    const replacing = form(['overwrite', undefined, 'yes'], ['f', 'a.txt', 'new']);
    expect((await ask(served.port, 'POST /', replacing)).status).toBe(303);
    expect(await textOf(served, 'a.txt')).toBe('new');
  });

  it.each(['../up.txt', 'x/down.txt', 'C:\\\\up.txt', '..', 'a\u0000b'])(
    'refuses the name %j',
    async (name) => {
      const served = await serveHttp({ 'x/y': '' });
      expect((await ask(served.port, 'POST /x/', form(['f', name, 'text']))).status).toBe(400);
      expect(await namesIn(served)).toEqual(['x', 'x/y']);
    },
  );

  it('that is cut or malformed stores no part of its last file', async () => {
    const { body, headers } = form(['f', 'one', 'one'], ['f', 'two', LARGE]);
    const served = await serveHttp();
    const cut = body.subarray(0, -BOUNDARY.length - 6);
    expect((await ask(served.port, 'POST /', { headers, body: cut })).status).toBe(400);
    expect(await namesIn(served)).toEqual(['one']);
    for (const wrong of ['', 'text', `--${BOUNDARY}x`, `--${BOUNDARY}\r\n\r\ntext\r\n--${BOUNDARY}--`])
      expect((await ask(served.port, 'POST /', { headers, body: wrong })).status).toBe(400);
    expect((await ask(served.port, 'POST /', { body: 'a=b' })).status).toBe(415);
    expect(await namesIn(served)).toEqual(['one']);
  });

  it('bounds the heads and the fields of its parts', async () => {
    const { port } = await serveHttp();
    const long = 'x'.repeat(10_000);
    expect((await ask(port, 'POST /', form(['f', long, 'text']))).status).toBe(413);
    expect((await ask(port, 'POST /', form(['overwrite', undefined, long]))).status).toBe(413);
    const many = form(
      ...Array.from({ length: 1_001 }, () => ['a', undefined, 'b'] as [string, undefined, string]),
    );
    expect((await ask(port, 'POST /', many)).status).toBe(413);
  });

  it('of curl stores its files', async () => {
    const served = await serveHttp();
    const url = `http://127.0.0.1:${served.port}/`;
    const curl = ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-F', 'file=@package.json', url];
    const { stdout } = await promisify(execFile)('curl', curl).catch(noCurl);
    if (stdout === undefined) return;
    expect(stdout).toBe('303');
    expect(await namesIn(served)).toEqual(['package.json']);
  });
});

describe('a DELETE', () => {
  it('removes a file, or an empty directory', async () => {
    const served = await serveHttp({ 'a.txt': '', 'd/b.txt': '' });
    expect((await ask(served.port, 'DELETE /d/')).status).toBe(409);
    expect((await ask(served.port, 'DELETE /a.txt/')).status).toBe(404);
    expect((await ask(served.port, 'DELETE /')).status).toBe(405);
    expect((await ask(served.port, 'DELETE /a.txt', { headers: { 'if-match': '"x"' } })).status).toBe(501);
    expect(await namesIn(served)).toEqual(['a.txt', 'd', 'd/b.txt']);
    for (const path of ['/a.txt', '/d/b.txt', '/d/'])
      expect((await ask(served.port, `DELETE ${path}`)).status).toBe(204);
    expect(await namesIn(served)).toEqual([]);
    expect((await ask(served.port, 'DELETE /a.txt')).status).toBe(404);
  });

  it('needs the permission', async () => {
    const served = await serveHttp({ 'a.txt': '' }, { permissions: ['list', 'read', 'write'] });
    expect((await ask(served.port, 'DELETE /a.txt')).status).toBe(403);
    expect(await namesIn(served)).toEqual(['a.txt']);
  });
});

describe('a request that changes something', () => {
  it.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is refused from a page with %o', async (headers) => {
    const served = await serveHttp({ 'a.txt': 'old' });
    const sent = form(['overwrite', undefined, 'yes'], ['f', 'a.txt', 'new']);
    const posted = await ask(served.port, 'POST /', { ...sent, headers: { ...sent.headers, ...headers } });
    expect(posted.status).toBe(403);
    for (const method of ['PUT', 'DELETE'])
      expect((await ask(served.port, `${method} /a.txt`, { headers: { ...headers } })).status).toBe(403);
    expect(await textOf(served, 'a.txt')).toBe('old');
  });

  it('is accepted from a page of the server', async () => {
    const { port } = await serveHttp();
    const headers = { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' };
    expect((await ask(port, 'PUT /a.txt', { body: 'text', headers })).status).toBe(201);
  });
});

function noCurl(error: { code?: unknown }): { stdout?: string } {
  if (error.code === 'ENOENT') return {};
  throw error as unknown as Error;
}
