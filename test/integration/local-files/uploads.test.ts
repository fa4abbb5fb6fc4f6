/** Uploads of local files: the stored file, and no file when the local file changes. */
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { type Progress, MemoryStorage, type UploadFileOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import {
  bytes,
  fileHandlePrototype,
  MTIME,
  place,
  SIZE,
  systemError,
  type Place,
} from '../../support/local-files/local-place.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt } from '../../support/servers/scripted.js';
import { serve } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

async function placeOfSource(data: Uint8Array = bytes): Promise<Place> {
  const at = await place({});
  await fs.writeFile(at.local('source'), data);
  await fs.utimes(at.local('source'), MTIME, MTIME);
  return at;
}

/** Begins to upload, and cancels that in the middle. */
async function cancelledUpload(at: Place, options: UploadFileOptions = {}): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const onProgress = ({ bytes: now }: Progress): void => {
    if (now >= 4_000_000) controller.abort();
  };
  const upload = at.connect().uploadFile(at.local('source'), 'big', { ...options, signal, onProgress });
  await expect(upload).rejects.toMatchObject({ code: 'ECANCELED', operation: 'upload', path: 'big' });
}

async function remoteText(at: Place, name = 'big'): Promise<string | undefined> {
  return fs.readFile(at.remote(name), 'utf8').catch(() => undefined);
}

describe('uploadFile', () => {
  it('stores a file with its modification time, and returns the verified checksum', async () => {
    const at = await placeOfSource();
    const client = at.connect();
    const uploaded = await client.uploadFile(at.local('source'), '/big');
    expect(uploaded).toEqual({
      ...(await client.stat('big')),
      mtime: MTIME,
      size: SIZE,
      checksum: `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`,
      resumedFrom: 0,
    });
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
    expect(await at.names()).toEqual(['source']);
  });

  it('resumes after it was cancelled', async () => {
    const at = await placeOfSource();
    await cancelledUpload(at);
    expect(await remoteText(at)).toBeUndefined();
    const { resumedFrom } = await at.connect().uploadFile(at.local('source'), 'big');
    expect(resumedFrom).toBeGreaterThan(0);
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
  });

  it.each<[string, UploadFileOptions, string]>([
    ['another path', {}, 'other'],
    ['another condition', { overwrite: false }, 'big'],
    ['another time of change', { mtime: new Date(5) }, 'big'],
  ])('does not resume with %s', async (_what, options, name) => {
    const at = await placeOfSource();
    await cancelledUpload(at);
    const { resumedFrom } = await at.connect().uploadFile(at.local('source'), name, options);
    expect(resumedFrom).toBe(0);
    expect((await fs.readFile(at.remote(name))).equals(bytes)).toBe(true);
  });

  it('does not send a file again that is stored', async () => {
    const at = await placeOfSource();
    const client = at.connect();
    const first = await client.uploadFile(at.local('source'), 'big');
    const before = at.received();
    const second = await client.uploadFile(at.local('source'), 'big');
    expect(second).toEqual({ ...first, resumedFrom: SIZE });
    expect(at.received() - before).toBeLessThan(10_000);
  });

  it.each([
    ['gone', (at: Place) => fs.rm(at.remote('big'))],
    ['another one', (at: Place) => fs.writeFile(at.remote('big'), 'other')],
  ])('stores a file again when the stored file is %s', async (_what, change) => {
    const at = await placeOfSource();
    const client = at.connect();
    await client.uploadFile(at.local('source'), 'big');
    await change(at);
    const { size } = await client.uploadFile(at.local('source'), 'big');
    expect(size).toBe(SIZE);
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
  });

  it('sets the given modification time, or none', async () => {
    const at = await placeOfSource();
    const client = at.connect();
    const given = await client.uploadFile(at.local('source'), 'given', { mtime: new Date(5_000) });
    expect(given.mtime).toEqual(new Date(5_000));
    const times = { preserveTimestamps: true, mtime: new Date(6_000) };
    const both = await client.uploadFile(at.local('source'), 'both', times);
    expect(both.mtime).toEqual(times.mtime);
    const none = await client.uploadFile(at.local('source'), 'none', { preserveTimestamps: false });
    expect(none.mtime.getTime()).toBeGreaterThan(MTIME.getTime() + 1_000_000);
  });

  it('stores nothing if a condition does not hold', async () => {
    const at = await placeOfSource();
    await fs.writeFile(at.remote('big'), 'older');
    const client = at.connect();
    const kept = client.uploadFile(at.local('source'), 'big', { overwrite: false });
    await expect(kept).rejects.toMatchObject({ code: 'EEXIST', path: 'big' });
    const stale = client.uploadFile(at.local('source'), 'big', { ifMatch: 'another' });
    await expect(stale).rejects.toMatchObject({ code: 'ESTALE' });
    expect(await remoteText(at)).toBe('older');
    const { etag } = await client.stat('big');
    await client.uploadFile(at.local('source'), 'big', { ifMatch: etag });
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
  });

  it('announces its size, so that a full server can refuse at once', async () => {
    const at = await placeOfSource();
    const sizes: unknown[] = [];
    const memory = new MemoryStorage();
    const storage = storageWith({
      write: (path, options) => {
        sizes.push(options.size);
        return memory.write(path, options);
      },
    });
    const { connect } = await serve({ storage });
    await connect().uploadFile(at.local('source'), 'big');
    expect(sizes).toEqual([SIZE]);
  });

  it.each([
    ['written', (path: string) => fs.writeFile(path, bytesOf(SIZE, 2))],
    ['longer', (path: string) => fs.appendFile(path, 'more')],
    ['shorter', (path: string) => fs.truncate(path, 5_000_000)],
    ['touched', (path: string) => fs.utimes(path, new Date(), new Date())],
  ])('of a file that is %s during the upload is ESTALE, and stores nothing', async (_what, change) => {
    const at = await placeOfSource();
    await fs.writeFile(at.remote('big'), 'older');
    let changed: Promise<void> | undefined;
    const onProgress = (): void => void (changed ??= change(at.local('source')));
    const upload = at.connect().uploadFile(at.local('source'), 'big', { onProgress });
    await expect(upload).rejects.toMatchObject({ code: 'ESTALE', operation: 'upload', path: 'big' });
    await expect(upload).rejects.toThrow(at.local('source'));
    await changed;
    expect(await remoteText(at)).toBe('older');
    const { size } = await at.connect().uploadFile(at.local('source'), 'big');
    expect((await fs.readFile(at.remote('big'))).equals(await fs.readFile(at.local('source')))).toBe(true);
    expect(size).toBe((await fs.stat(at.local('source'))).size);
  });

  it('reports a missing local file, and a source that is not a file', async () => {
    const at = await placeOfSource();
    const client = at.connect();
    const missing = client.uploadFile(at.local('no'), 'big');
    await expect(missing).rejects.toMatchObject({ code: 'ENOENT', cause: { code: 'ENOENT' }, path: 'big' });
    await expect(missing).rejects.toThrow(`The local file '${at.local('no')}'`);
    await expect(client.uploadFile(at.local('.'), 'big')).rejects.toMatchObject({ code: 'EISDIR' });
    if (process.platform !== 'win32') {
      await promisify(execFile)('mkfifo', [at.local('pipe')]);
      await expect(client.uploadFile(at.local('pipe'), 'big')).rejects.toMatchObject({ code: 'EINVAL' });
    }
    expect(at.server.stats().totalConnections).toBe(0);
  });

  it.each([0, 3])('reports a read error after %i pieces, and stores nothing', async (pieces) => {
    const at = await placeOfSource();
    const prototype = await fileHandlePrototype();
    const read = Reflect.get(prototype, 'read') as (...args: unknown[]) => Promise<never>;
    let left = pieces;
    // Before the server reads anything: it only writes.
    vi.spyOn(prototype, 'read').mockImplementation(async function (this: unknown, ...args) {
      if (left-- === 0) throw systemError('EIO');
      return Reflect.apply(read, this, args);
    });
    const upload = at.connect().uploadFile(at.local('source'), 'big');
    await expect(upload).rejects.toMatchObject({ code: 'EIO', cause: { code: 'EIO' } });
    await expect(upload).rejects.toThrow(at.local('source'));
    expect(await remoteText(at)).toBeUndefined();
  });

  it('stores empty files, through a link and from a URL, too', async () => {
    const at = await placeOfSource(Buffer.alloc(0));
    const client = at.connect();
    await fs.symlink(at.local('source'), at.local('link'));
    const places = [at.local('source'), at.local('link'), pathToFileURL(at.local('source'))];
    for (const [index, place] of places.entries()) {
      const { size, resumedFrom } = await client.uploadFile(place, `empty-${index}`);
      expect([size, resumedFrom]).toEqual([0, 0]);
      expect(await remoteText(at, `empty-${index}`)).toBe('');
    }
  });

  it('reports its progress from the beginning to the end', async () => {
    const at = await placeOfSource();
    const told: [number, number | undefined][] = [];
    const onProgress = ({ bytes: now, total }: Progress): void => void told.push([now, total]);
    await at.connect().uploadFile(at.local('source'), 'big', { onProgress });
    expect(told[0]).toEqual([0, SIZE]);
    expect(told.at(-1)).toEqual([SIZE, SIZE]);
    expect(told.map(([now]) => now)).toEqual(told.map(([now]) => now).sort((a, b) => a - b));
  });

  it('fails with the error that a listener throws, and stores nothing', async () => {
    const at = await placeOfSource();
    const mistake = new RangeError('a mistake of the caller');
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > 500_000) throw mistake;
    };
    await expect(at.connect().uploadFile(at.local('source'), 'big', { onProgress })).rejects.toBe(mistake);
    expect(await remoteText(at)).toBeUndefined();
  });

  it('rejects wrong options and paths before it does anything', async () => {
    const at = await placeOfSource();
    const client = at.connect();
    for (const wrong of [
      { size: 5 },
      { mtime: 'May' },
      { mtime: 5 },
      { mtime: false },
      { preserveTimestamps: 1 },
      { overwrite: 1 },
      { onProgress: 1 },
      { ifMatch: 2 },
    ]) {
      const upload = client.uploadFile(at.local('source'), 'big', wrong as unknown as UploadFileOptions);
      await expect(upload).rejects.toThrow(TypeError);
    }
    await expect(client.uploadFile('a\0b', 'big')).rejects.toThrow(TypeError);
    await expect(client.uploadFile(at.local('source'), '../big')).rejects.toMatchObject({ code: 'EILSEQ' });
    const cancelled = client.uploadFile(at.local('source'), 'big', { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(at.server.stats().totalConnections).toBe(0);
  });
});

it('a large file is stored unchanged with slow acks and after every cut', async () => {
  const data = bytesOf(24_000_000);
  const { port, connect } = await serve({ storage: new MemoryStorage() });
  const at = await placeOfSource(data);
  const cuts = new Cuts(port);
  const client = clientAt(port, { port: undefined, connect: cuts.each(6_000_000, 'bytesWritten', 3) });
  const { checksum } = await client.uploadFile(at.local('source'), 'big');
  expect(checksum).toBe(`crc32:${crc32(data).toString(16).padStart(8, '0')}`);
  expect((await connect().readFile('big')).equals(data)).toBe(true);
  expect(cuts.sockets).toHaveLength(4);
});
