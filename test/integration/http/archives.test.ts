/** Directories as tar archives, read by the tar of the system. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { connect as connectTo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/index.js';
import { ask, serveHttp } from '../../support/http/ask.js';
import { storageOf, temporaryDirectory } from '../../support/servers/serve.js';

const LARGE = Buffer.alloc(1_000_001, 'archived ');
const hasTar = spawnSync('tar', ['--version']).status === 0;

async function unpack(archive: Buffer): Promise<string> {
  const directory = await temporaryDirectory();
  const { status, stderr } = spawnSync('tar', ['-xf', '-', '-C', directory], { input: archive });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return directory;
}

describe.skipIf(!hasTar)('an archive', () => {
  it('has all files and directories below the directory', async () => {
    const long = `${'long '.repeat(40)}name`;
    const files = {
      'a/empty': '',
      'a/large.bin': LARGE,
      'a/ü ñ/日本.txt': 'unicode',
      [`a/${long}/${long}/${long}.txt`]: 'deep',
      'b/other': 'other',
    };
    const { port, connect } = await serveHttp(files);
    await connect().mkdir('a/none');
    const { status, headers, body } = await ask(port, 'GET /a/?archive=tar');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/x-tar' });
    expect(headers['content-disposition']).toBe('attachment; filename="a.tar"; filename*=UTF-8\'\'a.tar');
    const directory = await unpack(body);
    const names = (await readdir(directory, { recursive: true })).sort();
    expect(names).toHaveLength(9);
    expect(await readFile(path.join(directory, `a/${long}/${long}/${long}.txt`), 'utf8')).toBe('deep');
    expect(await readFile(path.join(directory, 'a/ü ñ/日本.txt'), 'utf8')).toBe('unicode');
    expect(LARGE.equals(await readFile(path.join(directory, 'a/large.bin')))).toBe(true);
    expect((await stat(path.join(directory, 'a/none'))).isDirectory()).toBe(true);
  });

  it('keeps times and permission bits', async () => {
    const { server, port, connect } = await serveHttp({ 'a.txt': 'text' });
    const mtime = new Date('2001-02-03T04:05:06Z');
    await connect().utimes('a.txt', mtime);
    await connect().chmod('a.txt', 0o640);
    const directory = await unpack((await ask(port, 'GET /?archive=tar')).body);
    const found = await stat(path.join(directory, 'files/a.txt'));
    expect({ mtime: found.mtime, mode: found.mode & 0o777 }).toEqual({ mtime, mode: 0o640 });
    expect(server.stats().failedRequests).toBe(0);
  });

  it('leaves out what the client may not list, and what it may not read', async () => {
    const authorize = (_: unknown, permission: string, place: string) =>
      place !== 'hidden' && !(permission === 'read' && place === 'unread');
    const { port } = await serveHttp({ a: 'a', hidden: 'b', unread: 'c' }, { authorize });
    const directory = await unpack((await ask(port, 'GET /?archive=tar')).body);
    expect(await readdir(path.join(directory, 'files'))).toEqual(['a']);
  });

  it('leaves out what was removed since it was listed', async () => {
    const storage = await storageOf({ a: 'a', b: 'b' });
    const before = async ({ operation, path: asked }: { operation: string; path: string | undefined }) => {
      if (operation === 'download' && asked === 'a') await storage.remove('b' as never, { recursive: false });
    };
    const { port } = await serveHttp({}, { storage, before });
    const directory = await unpack((await ask(port, 'GET /?archive=tar')).body);
    expect(await readdir(path.join(directory, 'files'))).toEqual(['a']);
  });

  it.each(['EACCES', 'ENOENT', 'ENOTDIR'] as const)(
    'has a directory whose listing fails with %s, but not its files',
    async (code) => {
      const before = ({ operation, path: asked }: { operation: string; path: string | undefined }): void => {
        if (operation === 'list' && asked === 'b') throw new TransferError(code);
      };
      const { port } = await serveHttp({ a: 'a', 'b/inside': 'b', c: 'c' }, { before });
      const directory = await unpack((await ask(port, 'GET /?archive=tar')).body);
      const names = await readdir(path.join(directory, 'files'), { recursive: true });
      expect(names.sort()).toEqual(['a', 'b', 'c']);
      expect((await ask(port, 'GET /b/?archive=tar')).status).toBeGreaterThanOrEqual(400);
    },
  );
});

it('an archive whose file cannot be read ends before its end', async () => {
  const before = ({ operation, path: asked }: { operation: string; path: string | undefined }): void => {
    if (operation === 'download' && asked === 'b') throw new TransferError('EIO');
  };
  const { port } = await serveHttp({ a: LARGE, b: 'b', c: 'c' }, { before });
  await expect(ask(port, 'GET /?archive=tar')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('an archive that is cut is not taken for a whole one by a client of HTTP/1.0', async () => {
  const before = ({ operation, path: asked }: { operation: string; path: string | undefined }): void => {
    if (operation === 'download' && asked === 'b') throw new TransferError('EIO');
  };
  const { port } = await serveHttp({ a: 'a', b: 'b' }, { before });
  const socket = connectTo({ port, host: '127.0.0.1' });
  socket.resume().write('GET /?archive=tar HTTP/1.0\r\nHost: localhost\r\n\r\n');
  const [error] = (await once(socket, 'error')) as [unknown];
  expect(error).toMatchObject({ code: 'ECONNRESET' });
});

it('an archive of something else than a directory, or of another kind, is refused', async () => {
  const { port } = await serveHttp({ a: 'text' });
  expect((await ask(port, 'GET /?archive=zip')).status).toBe(400);
  expect((await ask(port, 'GET /missing/?archive=tar')).status).toBe(404);
  expect((await ask(port, 'GET /a/?archive=tar')).status).toBe(404);
});
