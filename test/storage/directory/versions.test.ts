/** Etags on a file system whose times do not distinguish the versions of a file. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi, afterEach } from 'vitest';
import { DirectoryStorage, type FileClient, type UploadStream } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { bytesOf } from '../../support/bytes.js';
import { UploadWire } from '../../support/frames/upload-wire.js';
import { Cuts } from '../../support/servers/cuts.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { coarseCalls, STAMP_MS } from './coarse-calls.js';
import { at, codeOf } from './directory-fixture.js';

const LARGE = 3 * 1024 * 1024;
const large = bytesOf(LARGE);

/** Sets the clock of the process to a time after the last change of every file. */
function setAge(ms: number): void {
  vi.spyOn(Date, 'now').mockReturnValue(STAMP_MS + ms);
}

beforeEach(() => setAge(0));
afterEach(() => vi.restoreAllMocks());

async function coarsePlace(calls = coarseCalls) {
  const root = await temporaryDirectory();
  const storage = new DirectoryStorage(root, {}, { calls });
  const { port, connect } = await serve({ storage });
  const client = connect();
  return { root, storage, port, connect, client, local: (name: string) => path.join(root, name) };
}

async function listedEtag(client: FileClient): Promise<string | undefined> {
  return (await client.readdir('')).find((entry) => entry.path === 'file')?.etag;
}

/** The bytes of a running append that the storage of the server has. */
async function writtenBytes(client: FileClient, append: UploadStream): Promise<number> {
  const status = await client.uploadStatus('file', append.uploadId ?? '');
  return status?.state === 'suspended' ? status.offset : 0;
}

/** Changes one byte in place. */
function changeByte(file: string, position: number): void {
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, Buffer.of(fs.readFileSync(file)[position]! ^ 1), 0, 1, position);
  fs.closeSync(fd);
}

describe('a small file that has just changed', () => {
  it('has another etag after a change that leaves its size and times', async () => {
    const { client, local } = await coarsePlace();
    fs.writeFileSync(local('file'), 'AAAA');
    const { etag } = await client.stat('file');
    fs.writeFileSync(local('file'), 'BBBB');
    expect((await client.stat('file')).etag).not.toBe(etag);
    const calls = [
      client.writeFile('file', 'mine', { ifMatch: etag }),
      client.readFile('file', { ifMatch: etag }),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(['ESTALE', 'ESTALE']);
    expect(fs.readFileSync(local('file'), 'utf8')).toBe('BBBB');
  });

  it('is not replaced if it changes after the start of an upload with ifMatch', async () => {
    const { storage, local } = await coarsePlace();
    const { etag: ifMatch } = await put(storage, 'file', 'AAAA');
    const pending = await storage.write(at('file'), { overwrite: true, ifMatch });
    await pending.write([Buffer.from('mine')]);
    fs.writeFileSync(local('file'), 'BBBB');
    expect(await codeOf(pending.commit())).toBe('ESTALE');
    expect(fs.readFileSync(local('file'), 'utf8')).toBe('BBBB');
  });

  it.each(['AAAA', large])(
    'is not appended to if it changes after the start of the append',
    async (before) => {
      const { client, local } = await coarsePlace();
      fs.writeFileSync(local('file'), before);
      const append = client.append('file');
      append.on('error', () => undefined);
      append.write('mo');
      // Written after the server has copied the file, for which the client does not wait.
      while ((await writtenBytes(client, append)) < 2);
      changeByte(local('file'), 0);
      const changed = fs.readFileSync(local('file'));
      append.end('re');
      expect(await codeOf(append.completed)).toBe('ESTALE');
      expect(fs.readFileSync(local('file')).equals(changed)).toBe(true);
    },
  );

  it('keeps its etag: in the result of the upload, by stat, in listings and downloads, and later', async () => {
    const { client, storage } = await coarsePlace();
    const { etag } = await put(storage, 'file', 'AAAA');
    const download = client.download('file');
    download.resume();
    expect((await download.entry).etag).toBe(etag);
    expect((await download.completed).etag).toBe(etag);
    for (const age of [0, 1_000, 3_000, 100_000]) {
      setAge(age);
      expect((await client.stat('file')).etag).toBe(etag);
      expect(await listedEtag(client)).toBe(etag);
    }
    await client.writeFile('file', 'mine', { ifMatch: etag });
  });

  it('has another etag later if it has changed since', async () => {
    const { client, storage, local } = await coarsePlace();
    const { etag } = await put(storage, 'file', 'AAAA');
    fs.writeFileSync(local('file'), 'BBBB');
    setAge(100_000);
    expect((await client.stat('file')).etag).not.toBe(etag);
  });
});

describe('a file of a few mebibytes that has just changed', () => {
  it('has a weak etag, which satisfies no condition, and later a strong one, which does', async () => {
    const { client, local } = await coarsePlace();
    fs.writeFileSync(local('file'), large);
    const { etag: weak = '' } = await client.stat('file');
    expect(weak).toMatch(/^W\//);
    expect(await listedEtag(client)).toBe(weak);
    const calls = [
      client.writeFile('file', 'mine', { ifMatch: weak }),
      client.readFile('file', { ifMatch: weak }),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(['ESTALE', 'ESTALE']);
    setAge(3_000);
    const { etag } = await client.stat('file');
    expect(etag).toBe(weak.slice(2));
    expect((await client.readFile('file', { ifMatch: etag })).length).toBe(LARGE);
    await client.writeFile('file', 'mine', { ifMatch: etag });
  });

  it('is downloaded, also while its etag becomes a strong one, and without checksums', async () => {
    for (const checksum of ['crc32', 'none'] as const) {
      setAge(0);
      const { connect, local } = await coarsePlace();
      fs.writeFileSync(local('file'), large);
      const client = connect({ checksum });
      expect((await client.readFile('file')).equals(large)).toBe(true);
      const pieces: Buffer[] = [];
      for await (const piece of client.download('file') as AsyncIterable<Buffer>) {
        setAge(3_000);
        pieces.push(piece);
      }
      expect(Buffer.concat(pieces).equals(large)).toBe(true);
    }
  });

  it('is appended to and copied', async () => {
    const { client, local } = await coarsePlace();
    fs.writeFileSync(local('file'), large);
    const append = client.append('file');
    append.end('more');
    await append.completed;
    await client.copy('file', 'copy');
    expect(fs.readFileSync(local('copy')).equals(Buffer.concat([large, Buffer.from('more')]))).toBe(true);
  });

  it.each([0, 100_000])(
    'is appended to although the connection is lost, also when its etag is strong %i ms later',
    async (age) => {
      const { port, local, connect } = await coarsePlace();
      fs.writeFileSync(local('file'), large);
      const cuts = new Cuts(port);
      const client = connect({
        port: undefined,
        connect: cuts.each(200_000, 'bytesWritten', 5),
        reconnect: { minDelayMs: 1, maxDelayMs: 1 },
      });
      const append = client.append('file');
      const more = bytesOf(1_500_000);
      await new Promise<void>((resolve) => append.write(more.subarray(0, 10_000), () => resolve()));
      setAge(age);
      append.end(more.subarray(10_000));
      await append.completed;
      expect(cuts.sockets.length).toBeGreaterThan(1);
      expect(fs.readFileSync(local('file')).equals(Buffer.concat([large, more]))).toBe(true);
    },
  );

  it('is not appended to if it changes while the connection is lost', async () => {
    const { port, local, connect } = await coarsePlace();
    fs.writeFileSync(local('file'), large);
    const cuts = new Cuts(port);
    const client = connect({
      port: undefined,
      connect: cuts.connect,
      reconnect: { minDelayMs: 1, maxDelayMs: 1 },
    });
    const append = client.append('file');
    append.on('error', () => undefined);
    await new Promise<void>((resolve) => append.write(bytesOf(1_000_000), () => resolve()));
    cuts.now();
    changeByte(local('file'), 0);
    append.end('more');
    expect(await codeOf(append.completed)).toBe('ESTALE');
    expect(fs.statSync(local('file')).size).toBe(LARGE);
  });

  it('is not appended to with its weak etag where the server holds no append of this id', async () => {
    const { port, local, client } = await coarsePlace();
    fs.writeFileSync(local('file'), large);
    const { etag = '' } = await client.stat('file');
    for (const offset of ['', ' offset=0']) {
      const { answer } = await UploadWire.opened(port, `path=file append=true ifMatch=${etag}${offset}`);
      expect(answer).toMatch(/^error code=ESTALE /);
    }
    expect(fs.statSync(local('file')).size).toBe(LARGE);
  });

  it('is ESTALE if it changes while it is read, although its times are the same', async () => {
    const { client, local } = await coarsePlace({
      ...coarseCalls,
      read: async (fd, target, position) => {
        const bytes = await coarseCalls.read(fd, target, position);
        if (position === 0 && fs.readFileSync(local('file')).equals(large)) changeByte(local('file'), 0);
        return bytes;
      },
    });
    fs.writeFileSync(local('file'), large);
    expect(await codeOf(client.readFile('file'))).toBe('ESTALE');
    fs.writeFileSync(local('file'), large);
    expect(await codeOf(client.checksum('file'))).toBe('ESTALE');
    fs.writeFileSync(local('file'), large);
    expect(await codeOf(client.copy('file', 'copy'))).toBe('ESTALE');
    expect(fs.existsSync(local('copy'))).toBe(false);
  });

  it.each([undefined, 0, LARGE - 1])(
    'continues after a lost connection only with the same bytes (changed: %s)',
    async (position) => {
      const { connect, port, local } = await coarsePlace();
      fs.writeFileSync(local('file'), large);
      const cuts = new Cuts(port);
      const client = connect({ port: undefined, connect: cuts.connect });
      const pieces: Buffer[] = [];
      const reading = (async () => {
        for await (const piece of client.download('file') as AsyncIterable<Buffer>) {
          if (pieces.length === 0) {
            if (position !== undefined) changeByte(local('file'), position);
            cuts.now();
          }
          pieces.push(piece);
        }
        return Buffer.concat(pieces);
      })();
      if (position === 0) return expect(await codeOf(reading)).toBe('ESTALE');
      return expect((await reading).equals(fs.readFileSync(local('file')))).toBe(true);
    },
  );
});

it('files that were not changed for a while are not read for their etags', async () => {
  setAge(100_000);
  const read = vi.fn(coarseCalls.read);
  const { client, local } = await coarsePlace({ ...coarseCalls, read });
  fs.writeFileSync(local('file'), 'AAAA');
  const { etag } = await client.stat('file');
  expect(await listedEtag(client)).toBe(etag);
  expect(read).not.toHaveBeenCalled();
});
