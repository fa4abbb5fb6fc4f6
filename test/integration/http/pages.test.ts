/** The page of a directory, and the pages of errors. */
import { describe, expect, it } from 'vitest';
import { readOnly, type FileEntry, type Storage } from '../../../src/index.js';
import { ask, serveHttp } from '../../support/http/ask.js';
import { storageOf } from '../../support/servers/serve.js';

/** The links of the rows of a page, in order. */
function rowsOf(page: string): string[] {
  return [...page.matchAll(/<tr><td><a href="([^"]*)"/g)].map(([, link]) => link ?? '');
}

const files = { 'b.txt': 'bb', 'a10.txt': 'aaa', 'a9.txt': 'a', 'z/y/x.txt': '', '10/1': '' };

describe('the page of a directory', () => {
  it('lists directories first, and names in the order of people', async () => {
    const { port } = await serveHttp(files);
    const { status, headers, text } = await ask(port, 'GET /');
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
    });
    expect(rowsOf(text)).toEqual(['10/', 'z/', 'a9.txt', 'a10.txt', 'b.txt']);
    expect(text).toContain('5 entries.');
  });

  it('is sorted as its URL says', async () => {
    const { port } = await serveHttp(files);
    const sorted = async (sort: string) => rowsOf((await ask(port, `GET /?sort=${sort}`)).text).slice(2);
    expect(await sorted('-name')).toEqual(['b.txt', 'a10.txt', 'a9.txt']);
    expect(await sorted('size')).toEqual(['a9.txt', 'b.txt', 'a10.txt']);
    expect(await sorted('-size')).toEqual(['a10.txt', 'b.txt', 'a9.txt']);
    expect(await sorted('%3Cscript%3E')).toEqual(['a9.txt', 'a10.txt', 'b.txt']);
    const { text } = await ask(port, 'GET /?sort=-size');
    expect(text).toContain('<th scope="col" aria-sort="descending"><a href="?sort=size">Size');
    expect((await ask(port, 'GET /?sort=-time')).text).toContain('<a href="?sort=time">Modified');
  });

  it('has the URL with a slash, so that its links lead below it', async () => {
    const { port } = await serveHttp({ 'a b/ü/x': '' });
    const answer = await ask(port, 'GET /a%20b/%C3%BC?sort=size');
    expect(answer).toMatchObject({ status: 308, headers: { location: '/a%20b/%C3%BC/?sort=size' } });
    const { text } = await ask(port, 'GET /a%20b/%C3%BC/');
    expect(rowsOf(text)).toEqual(['x']);
    expect(text).toContain('<a href="/a%20b/">Up one level</a>');
    expect(text).toContain(
      '<a href="/">Files</a><i>/</i><a href="/a%20b/"><bdi>a b</bdi></a><i>/</i><bdi>ü</bdi>',
    );
  });

  it('shows names as text, whatever they are', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      '"onmouseover="alert(1)',
      "'&amp;",
      'a\u202ecod.exe',
      'javascript:a',
    ];
    const { port } = await serveHttp(Object.fromEntries(names.map((name) => [`top & <b>/${name}`, ''])), {
      portableNames: false,
    });
    const { text, headers } = await ask(port, 'GET /top%20%26%20%3Cb%3E/');
    expect(text).not.toMatch(/<img|<b>|"onmouseover|\u202e|href="javascript:/);
    expect(text).toContain('<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>');
    expect(text).toContain('<bdi>a\ufffdcod.exe</bdi>');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|script-src 'self'/);
    for (const link of rowsOf(text))
      expect((await ask(port, `GET /top%20%26%20%3Cb%3E/${link}`)).status).toBe(200);
  });

  it('offers uploads only where they are allowed', async () => {
    const storage = await storageOf({ 'in/a': '', 'out/a': '' });
    const authorize = (_: unknown, permission: string, path: string) =>
      permission !== 'write' || path === 'in';
    const some = await serveHttp({}, { storage, authorize });
    expect((await ask(some.port, 'GET /in/')).text).toContain('<form ');
    expect((await ask(some.port, 'GET /out/')).text).not.toMatch(/<form |<script/);
    const none = [{ storage: readOnly(storage) }, { storage, permissions: ['list', 'read'] as const }];
    for (const options of none) {
      const { port } = await serveHttp({}, options);
      const { text, headers } = await ask(port, 'GET /');
      expect(text).not.toMatch(/<form |<script/);
      expect(headers['content-security-policy']).toContain("form-action 'none'");
    }
  });

  it('leaves out what the client may not list', async () => {
    const authorize = (_: unknown, __: string, path: string) => !path.startsWith('secret');
    const { port } = await serveHttp({ 'a.txt': '', 'secret/b.txt': '' }, { authorize });
    expect(rowsOf((await ask(port, 'GET /')).text)).toEqual(['a.txt']);
    expect((await ask(port, 'GET /secret/')).status).toBe(403);
  });

  it('of an empty directory says so', async () => {
    const { port } = await serveHttp();
    expect((await ask(port, 'GET /')).text).toContain('This directory is empty.');
  });

  it('with more entries than are sorted has all of them, as they arrive', async () => {
    const count = 25_000;
    const { port } = await serveHttp({}, { storage: storageWith(count) });
    const { text } = await ask(port, 'GET /');
    expect(new Set(rowsOf(text)).size).toBe(count);
    expect(text).toContain(`${count} entries. Too many to be sorted.`);
  });

  it('ends before its end if the listing fails', async () => {
    const { port } = await serveHttp({}, { storage: storageWith(25_000, 20_000) });
    await expect(ask(port, 'GET /')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('an error', () => {
  it('is a page for a browser, and a line for any other client', async () => {
    const { port } = await serveHttp();
    const page = await ask(port, 'GET /missing', { headers: { accept: 'text/html,*/*' } });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('<h1>404 Not Found</h1><p>No such file or directory.</p>');
    const line = await ask(port, 'GET /missing', { headers: { accept: '*/*' } });
    expect(line.text).toBe('No such file or directory.\n');
  });

  it('shows the message of a hook as text', async () => {
    const before = (): void => {
      throw Object.assign(new Error('x'), { code: 'EACCES' });
    };
    const { port } = await serveHttp({ a: '' }, { before });
    expect((await ask(port, 'GET /a', { headers: { accept: 'text/html' } })).status).toBe(403);
  });
});

/** A directory with so many files, whose listing fails after `failsAt` of them. */
function storageWith(count: number, failsAt = Infinity): Storage {
  const mtime = new Date(0);
  return {
    stat: async (path) => ({ path, kind: 'directory', size: 0, mtime }),
    read: async () => Promise.reject(new Error('not read')),
    async *list() {
      for (let index = 0; index < count; index++) {
        if (index === failsAt) throw new Error('the disk is broken');
        yield { path: `file-${index}`, kind: 'file', size: index, mtime } as FileEntry;
      }
    },
  };
}
