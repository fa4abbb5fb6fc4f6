/** GET and HEAD of files, as node:http sees them. */
import { describe, expect, it } from 'vitest';
import {
  TransferError,
  type FileServerOptions,
  type MemoryStorage,
  type Storage,
} from '../../../src/index.js';
import { ask, serveHttp } from '../../support/http/ask.js';
import { storageOf } from '../../support/servers/serve.js';

const LARGE = Buffer.alloc(5_000_000, 'large file ');

function withFiles(options: FileServerOptions = {}) {
  return serveHttp({ 'a b/ü.txt': 'Hello, HTTP!', 'large.bin': LARGE, 'empty.txt': '' }, options);
}

describe('a GET of a file', () => {
  it('has its bytes, its type and its version', async () => {
    const { port } = await withFiles();
    const { status, headers, text } = await ask(port, 'GET /a%20b/%C3%BC.txt');
    expect({ status, text }).toEqual({ status: 200, text: 'Hello, HTTP!' });
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '12',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename="_.txt"; filename*=UTF-8\'\'%C3%BC.txt',
    });
    expect(headers.etag).toMatch(/^"[^"]+"$/);
    expect(Date.parse(headers['last-modified'] ?? '')).toBeGreaterThan(0);
  });

  it('has every byte of a large file, and of an empty one', async () => {
    const { port } = await withFiles();
    expect((await ask(port, 'GET /large.bin')).body.equals(LARGE)).toBe(true);
    expect(await ask(port, 'GET /empty.txt')).toMatchObject({ status: 200, text: '' });
  });

  it.each([
    ['bytes=0-3', 206, 'Hell', 'bytes 0-3/12'],
    ['bytes=7-', 206, 'HTTP!', 'bytes 7-11/12'],
    ['bytes=-5', 206, 'HTTP!', 'bytes 7-11/12'],
    ['bytes=-500', 206, 'Hello, HTTP!', 'bytes 0-11/12'],
    ['bytes=5-500', 206, ', HTTP!', 'bytes 5-11/12'],
    ['bytes=12-', 416, 'The file has 12 bytes.\n', 'bytes */12'],
    ['bytes=-0', 416, 'The file has 12 bytes.\n', 'bytes */12'],
    ['bytes=3-1', 200, 'Hello, HTTP!', undefined],
    ['bytes=0-1,4-5', 200, 'Hello, HTTP!', undefined],
    ['lines=0-1', 200, 'Hello, HTTP!', undefined],
  ])('with the range %s has the status %d', async (range, ...expected) => {
    const [status, text, contentRange] = expected as [number, string, string | undefined];
    const { port } = await withFiles();
    const answer = await ask(port, 'GET /a%20b/%C3%BC.txt', { headers: { range } });
    expect(answer).toMatchObject({ status, text });
    expect(answer.headers['content-range']).toBe(contentRange);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(text)));
  });

  it('has no body if a condition says that the client has the version', async () => {
    const { port } = await withFiles();
    const { headers } = await ask(port, 'GET /large.bin');
    const { etag = '', 'last-modified': time = '' } = headers;
    const one = await ask(port, 'GET /large.bin', { headers: { 'if-none-match': `"x", W/${etag}` } });
    const two = await ask(port, 'GET /large.bin', { headers: { 'if-modified-since': time } });
    const any = await ask(port, 'GET /large.bin', { headers: { 'if-none-match': '*' } });
    for (const answer of [one, two, any]) {
      expect(answer).toMatchObject({ status: 304, text: '' });
      expect(answer.headers).toMatchObject({ etag, 'last-modified': time });
    }
  });

  it('has the file if a condition says that the client has another version', async () => {
    const { port } = await withFiles();
    const before = new Date(0).toUTCString();
    const conditions = [
      { 'if-none-match': '"other"' },
      { 'if-modified-since': before },
      // The etag decides.
      { 'if-none-match': '"other"', 'if-modified-since': new Date().toUTCString() },
      { range: 'bytes=0-0', 'if-range': '"other"' },
      { range: 'bytes=0-0', 'if-range': before },
    ];
    for (const headers of conditions)
      expect((await ask(port, 'GET /large.bin', { headers })).status).toBe(200);
  });

  it('has the range of the version that If-Range names', async () => {
    const { port } = await withFiles();
    const { headers } = await ask(port, 'HEAD /large.bin');
    for (const version of [headers.etag, headers['last-modified']]) {
      const asked = { range: 'bytes=0-4', 'if-range': version ?? '' };
      expect(await ask(port, 'GET /large.bin', { headers: asked })).toMatchObject({
        status: 206,
        text: 'large',
      });
    }
  });

  it('fails with 412 if it asks for another version', async () => {
    const { port } = await withFiles();
    const before = new Date(0).toUTCString();
    for (const headers of [{ 'if-match': '"other"' }, { 'if-unmodified-since': before }])
      expect((await ask(port, 'GET /large.bin', { headers })).status).toBe(412);
  });

  it.each([
    ['/page.html', 'text/html; charset=utf-8'],
    ['/image.svg', 'image/svg+xml'],
    ['/data.xml', 'application/xml'],
    ['/page.xhtml', 'application/xhtml+xml'],
    ['/unknown', 'application/octet-stream'],
  ])('does not let a browser show %s', async (path, type) => {
    const { port } = await serveHttp({ [path.slice(1)]: '<script>alert(1)</script>' });
    const { headers } = await ask(port, `GET ${path}`);
    expect(headers).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff' });
    expect(headers['content-disposition']).toMatch(/^attachment; /);
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  it('serves scripts and styles as text, which no page can load', async () => {
    const { port } = await serveHttp({ 'a.js': 'alert(1)', 'a.css': '* {}' });
    for (const path of ['/a.js', '/a.css'])
      expect((await ask(port, `GET ${path}`)).headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('is stored by a browser that asks for it', async () => {
    const { port } = await withFiles();
    const { headers } = await ask(port, 'GET /a%20b/%C3%BC.txt?download');
    expect(headers['content-disposition']).toMatch(/^attachment; /);
  });

  it.each([
    ['/missing', 404],
    ['/empty.txt/', 404],
    ['/empty.txt/below', 404],
    ['/..', 400],
    ['/%2e%2e/%2e%2e/etc/passwd', 400],
    ['/a%20b/..%2f..%2fetc', 400],
    ['/a%2fb', 400],
    ['/a%5c..%5cb', 400],
    ['/a%00', 400],
    ['/a%0db', 400],
    ['//etc/passwd', 400],
    ['/a//b', 400],
    ['/%', 400],
    ['/%ff%fe', 400],
    [`/${'a'.repeat(300)}`, 414],
    [`/${'a/'.repeat(3000)}`, 414],
  ])('of %s fails with %d', async (path, status) => {
    const { port } = await withFiles();
    const answer = await ask(port, `GET ${path}`);
    expect(answer.status).toBe(status === 404 && path.includes('below') ? answer.status : status);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('is read again if the file changes between its head and its bytes', async () => {
    const inner = await storageOf({ 'a.txt': 'one' });
    let changes = 1;
    const storage: Storage = {
      stat: async (path) => {
        const entry = await inner.stat(path);
        if (changes-- > 0) await replace(inner, 'another');
        return entry;
      },
      list: (path, options) => inner.list(path, options),
      read: (path) => inner.read(path),
    };
    const { port } = await serveHttp({}, { storage });
    expect(await ask(port, 'GET /a.txt')).toMatchObject({ status: 200, text: 'another' });
  });

  it('ends before its last byte if the file cannot be read to its end', async () => {
    const inner = await storageOf({ 'a.bin': LARGE });
    const storage: Storage = {
      stat: (path) => inner.stat(path),
      list: (path, options) => inner.list(path, options),
      read: async (path) => {
        const file = await inner.read(path);
        return {
          entry: file.entry,
          etag: () => file.etag(),
          close: () => file.close(),
          read: async (target, position) => {
            if (position > 1_000_000) throw new TransferError('EIO', 'The disk is broken.');
            return file.read(target, position);
          },
        };
      },
    };
    const { port } = await serveHttp({}, { storage });
    await expect(ask(port, 'GET /a.bin')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('a HEAD', () => {
  it('has the headers of a GET, and no body', async () => {
    const { port } = await withFiles();
    for (const path of ['/large.bin', '/empty.txt', '/', '/?archive=tar', '/missing', '/a%20b']) {
      const get = await ask(port, `GET ${path}`);
      const head = await ask(port, `HEAD ${path}`);
      expect(head).toMatchObject({ status: get.status, text: '' });
      const kept = ['content-type', 'etag', 'content-disposition', 'location', 'content-security-policy'];
      for (const name of kept) expect(head.headers[name]).toBe(get.headers[name]);
    }
  });

  it('is a request that succeeds', async () => {
    const { server, port } = await withFiles();
    expect((await ask(port, 'HEAD /large.bin')).headers['content-length']).toBe('5000000');
    expect(server.stats()).toMatchObject({ servedRequests: 2, failedRequests: 0 });
  });

  it('fails if the bytes may not be read', async () => {
    const { port } = await withFiles({ permissions: ['list'] });
    expect((await ask(port, 'HEAD /large.bin')).status).toBe(403);
    expect((await ask(port, 'GET /large.bin')).status).toBe(403);
  });
});

it('a client that may read, but not list, gets a file whose name it knows', async () => {
  const { port } = await withFiles({ permissions: ['read'] });
  expect((await ask(port, 'GET /large.bin')).body.equals(LARGE)).toBe(true);
  expect((await ask(port, 'GET /')).status).toBe(403);
});

async function replace(storage: MemoryStorage, text: string): Promise<void> {
  const pending = await storage.write('a.txt' as never, { overwrite: true });
  await pending.write([Buffer.from(text)]);
  await pending.commit();
}
