/** Appends, modification times and flushing, as a client asks for them. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  DirectoryStorage,
  FileClient,
  FileServer,
  MemoryStorage,
  readOnly,
  storageFromStreams,
  subStorage,
  type Storage,
} from '../../../src/index.js';
import { objectStore } from '../../support/doubles/object-store.js';
import {
  connectionTo,
  serve,
  serveFiles,
  storageOf,
  temporaryDirectory,
} from '../../support/servers/serve.js';
import { checksumOf } from '../../support/frames/upload-wire.js';
import { FailingCalls } from '../../storage/directory/failing-calls.js';

const mtime = new Date(1_600_000_000_000);

/** Appends a text; resolves with the stored entry. */
async function append(client: FileClient, text: string, options = {}) {
  const stream = client.append('log', options);
  await pipeline(Readable.from([text]), stream);
  return stream.completed;
}

describe('append', () => {
  it('adds bytes to the end of a file, which is shown when all of them are there', async () => {
    const client = (await serveFiles({ log: 'one\n' })).connect();
    const stream = client.append('log');
    await new Promise<void>((resolve) => stream.write('two\n', () => resolve()));
    expect(await client.readFile('log', 'utf8')).toBe('one\n');
    stream.end('three\n');
    const { size, etag, checksum } = await stream.completed;
    expect([size, checksum]).toEqual([14, checksumOf(Buffer.from('two\nthree\n'))]);
    expect(await client.readFile('log', 'utf8')).toBe('one\ntwo\nthree\n');
    expect((await client.stat('log')).etag).toBe(etag);
  });

  it('adds nothing, and works without reconnection and without checksums', async () => {
    const { connect } = await serveFiles({ log: 'one\n' });
    const client = connect({ reconnect: false, checksum: 'none' });
    const nothing = client.append('log');
    nothing.end();
    expect((await nothing.completed).size).toBe(4);
    expect(await append(client, 'two\n')).toMatchObject({ size: 8, checksum: undefined });
    expect(await client.readFile('log', 'utf8')).toBe('one\ntwo\n');
  });

  it('keeps the permissions of the file', async () => {
    const root = await temporaryDirectory();
    await fs.writeFile(path.join(root, 'log'), 'one\n');
    await fs.chmod(path.join(root, 'log'), 0o640);
    await append((await serve({ root })).connect(), 'two\n');
    expect((await fs.stat(path.join(root, 'log'))).mode & 0o777).toBe(0o640);
    expect(await fs.readdir(root)).toEqual(expect.arrayContaining(['log']));
    expect(await fs.readFile(path.join(root, 'log'), 'utf8')).toBe('one\ntwo\n');
  });

  it('needs a file, and the version that ifMatch names', async () => {
    const client = (await serveFiles({ log: 'one\n' })).connect();
    await client.mkdir('folder');
    const { etag } = await client.stat('log');
    await expect(pipeline(Readable.from(['x']), client.append('none'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(pipeline(Readable.from(['x']), client.append('folder'))).rejects.toMatchObject({
      code: 'EISDIR',
    });
    await append(client, 'two\n', { ifMatch: etag });
    await expect(append(client, 'three\n', { ifMatch: etag })).rejects.toMatchObject({ code: 'ESTALE' });
    expect(await client.readFile('log', 'utf8')).toBe('one\ntwo\n');
    expect(() => client.append('log', { overwrite: false } as object)).toThrow(TypeError);
  });

  it('of two at the same time is stored once, and the other is rejected', async () => {
    const client = (await serveFiles({ log: 'one\n' })).connect();
    const streams = ['a\n', 'b\n'].map((text) => {
      const stream = client.append('log');
      return { text, stream, begun: new Promise<void>((resolve) => stream.write(text, () => resolve())) };
    });
    await Promise.all(streams.map(({ begun }) => begun));
    const outcomes = await Promise.allSettled(
      streams.map(async ({ stream, text }) => {
        stream.on('error', () => undefined).end();
        await stream.completed;
        return text;
      }),
    );
    const stored = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(stored).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'ESTALE' },
    });
    expect(await client.readFile('log', 'utf8')).toBe(`one\n${stored.join('')}`);
  });

  it('counts its growth within a quota, and no more', async () => {
    const client = (
      await serve({ storage: await storageOf({ log: 'one\n' }), quota: { bytes: 10 } })
    ).connect();
    await append(client, 'two\n');
    await expect(append(client, 'six\n')).rejects.toMatchObject({ code: 'EDQUOT' });
    await append(client, '!\n');
    expect(await client.readFile('log', 'utf8')).toBe('one\ntwo\n!\n');
  });

  it('needs the permission to write', async () => {
    const client = (
      await serve({ storage: await storageOf({ log: 'one\n' }), permissions: ['read', 'list'] })
    ).connect();
    await expect(append(client, 'x')).rejects.toMatchObject({ code: 'EACCES' });
    await expect(client.utimes('log', mtime)).rejects.toMatchObject({ code: 'EACCES' });
  });
});

describe('a storage without append and utimes', () => {
  const files = new MemoryStorage();
  const streams = storageFromStreams({ ...objectStore().functions, utimes: undefined } as never);
  it.each<[string, Storage]>([
    ['ENOTSUP', streams],
    ['ENOTSUP', subStorage(streams, '')],
    ['EROFS', readOnly(files)],
  ])('fails with %s', async (code, storage) => {
    const client = (await serve({ storage })).connect();
    await expect(append(client, 'x')).rejects.toMatchObject({ code });
    await expect(client.utimes('log', mtime)).rejects.toMatchObject({ code });
  });
});

describe('utimes', () => {
  it('sets the modification time of a file and of a directory, on disk', async () => {
    const root = await temporaryDirectory();
    const client = (await serve({ root })).connect();
    await client.mkdir('folder');
    await client.writeFile('folder/file', 'content');
    const entry = await client.utimes('/folder/file', mtime);
    expect(entry).toMatchObject({ path: 'folder/file', kind: 'file', size: 7, mtime });
    expect(await client.stat('folder/file')).toEqual(entry);
    expect(await client.utimes('folder', mtime)).toMatchObject({
      path: 'folder',
      kind: 'directory',
      size: 0,
      mtime,
    });
    for (const name of ['folder', 'folder/file']) {
      expect((await fs.stat(path.join(root, name))).mtime).toEqual(mtime);
    }
  });

  it.runIf(process.platform !== 'win32')('follows no symbolic link', async () => {
    const [root, outside] = [await temporaryDirectory(), await temporaryDirectory()];
    await fs.writeFile(path.join(outside, 'file'), 'x');
    await fs.symlink(path.join(outside, 'file'), path.join(root, 'link'));
    await fs.symlink(outside, path.join(root, 'folder'));
    const before = await fs.stat(path.join(outside, 'file'));
    const client = (await serve({ root })).connect();
    await expect(client.utimes('link', mtime)).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(client.utimes('folder/file', mtime)).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(pipeline(Readable.from(['x']), client.append('link'))).rejects.toMatchObject({
      code: 'ELOOP',
    });
    expect((await fs.stat(path.join(outside, 'file'))).mtimeMs).toBe(before.mtimeMs);
    expect((await fs.lstat(path.join(root, 'link'))).mtimeMs).toBeGreaterThan(mtime.getTime());
  });

  it('refuses what is not a date, and the root', async () => {
    const client = (await serveFiles({ log: 'x' })).connect();
    await expect(client.utimes('log', new Date(NaN))).rejects.toThrow(TypeError);
    await expect(client.utimes('log', undefined as never)).rejects.toThrow(TypeError);
    await expect(client.utimes('/', mtime)).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(client.utimes('none', mtime)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe.each([true, false])(
  'the option flush of a transfer, into a directory with flush: %s',
  (flushOfDirectory) => {
    it.each([undefined, true, false])('is followed by uploads and appends (%s)', async (flush) => {
      const failing = new FailingCalls(0);
      const root = await temporaryDirectory();
      const storage = new DirectoryStorage(root, { flush: flushOfDirectory }, { calls: failing.calls });
      const server = new FileServer({ storage });
      const client = new FileClient({ connect: () => connectionTo(server) });
      await fs.writeFile(path.join(root, 'local'), 'local');
      const flushes = flush ?? flushOfDirectory;
      const ways: (() => Promise<unknown>)[] = [
        () => client.writeFile('log', 'one\n', { flush }),
        () => pipeline(Readable.from(['one\n']), client.upload('log', { flush })),
        () => client.uploadFile(path.join(root, 'local'), 'log', { flush }),
        () => append(client, 'two\n', { flush }),
      ];
      for (const way of ways) {
        failing.made.length = 0;
        await way();
        expect(failing.made.includes('fsync')).toBe(flushes);
      }
      await client.close();
      await server.close();
    });
  },
);

it('a flush is asked for by true or false only', async () => {
  const client = (await serveFiles({ log: 'x' })).connect();
  const options = { flush: 'yes' as never };
  expect(() => client.upload('a', options)).toThrow(TypeError);
  expect(() => client.append('log', options)).toThrow(TypeError);
  await expect(client.writeFile('a', 'x', options)).rejects.toThrow(TypeError);
  await expect(client.uploadFile('a', 'x', options)).rejects.toThrow(TypeError);
});
