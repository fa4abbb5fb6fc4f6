/** Appends whose connection is lost: stored once, or rejected, on a server of a directory and on one of memory. */
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  FileClient,
  MemoryStorage,
  parseRemotePath,
  type PendingFile,
  type Storage,
  type TransferError,
} from '../../../src/index.js';
import { bytesAt, canWrite, put, textAt } from '../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { bytesOf } from '../../support/bytes.js';
import { Cuts } from '../../support/servers/cuts.js';
import { serve, temporaryDirectory, type Served } from '../../support/servers/serve.js';
import { checksumOf, offsetOf, UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);
const log = parseRemotePath('log');

const storages: Record<string, () => Promise<Storage>> = {
  'a directory': async () => new DirectoryStorage(await temporaryDirectory()),
  memory: async () => new MemoryStorage(),
};

interface Place extends Served {
  readonly storage: Storage;
  readonly etag: string;
}

/** A server with a log of one line. */
async function placeOf(storage: Storage): Promise<Place> {
  return { storage, etag: await write(storage, 'first\n'), ...(await serve({ storage })) };
}

async function write(storage: Storage, content: string): Promise<string> {
  if (!canWrite(storage)) throw new Error('The storage cannot write.');
  return (await put(storage, 'log', content)).etag ?? '';
}

const longer = Buffer.concat([Buffer.from('first\n'), bytes]);

describe.each(Object.entries(storages))('an append on a server of %s', (_name, make) => {
  it('tells the version that it continues, and counts its own bytes only', async () => {
    const { port, etag, storage } = await placeOf(await make());
    const { upload, answer } = await UploadWire.opened(port, 'path=log append=true');
    expect(answer).toBe(`accept id=1 path=log etag=${etag} checksum=crc32 window=2097152`);
    upload.data(bytes);
    upload.end(bytes);
    const result = await upload.answer();
    expect(result).toMatch(new RegExp(`^result id=1 path=log kind=file size=${SIZE + 6} `));
    expect(result).toMatch(new RegExp(` bytes=${SIZE} checksum=${checksumOf(bytes)} mode=\\d+$`));
    expect((await bytesAt(storage, 'log')).equals(longer)).toBe(true);
  });

  it.each([1, 65_536, 600_000, SIZE])('is resumed after %i bytes', async (sent) => {
    const place = await placeOf(await make());
    await UploadWire.interrupted(place, bytes.subarray(0, sent), 'path=log append=true');
    expect(await textAt(place.storage, 'log')).toBe('first\n');
    const again = `path=log append=true ifMatch=${place.etag} offset=0`;
    const { upload, answer } = await UploadWire.opened(place.port, again);
    expect(offsetOf(answer)).toBe(sent);
    upload.data(bytes.subarray(sent));
    upload.end(bytes);
    expect(await upload.answer()).toContain(` bytes=${SIZE} checksum=${checksumOf(bytes)}`);
    expect((await bytesAt(place.storage, 'log')).equals(longer)).toBe(true);
  });

  it('is resumed only with ifMatch', async () => {
    const place = await placeOf(await make());
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=log append=true');
    const { answer } = await UploadWire.opened(place.port, 'path=log append=true offset=0');
    expect(answer).toMatch(/^error code=EINVAL /);
  });

  it('is not resumed as an upload, nor an upload as an append', async () => {
    const place = await placeOf(await make());
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=log append=true');
    const upload = await UploadWire.opened(place.port, `path=log ifMatch=${place.etag} offset=0`);
    expect(offsetOf(upload.answer)).toBe(0);
    upload.upload.data(bytes.subarray(0, 200));
    await upload.upload.halfClose(place.server);
    const again = `path=log append=true ifMatch=${place.etag} offset=0`;
    expect(offsetOf((await UploadWire.opened(place.port, again)).answer)).toBe(0);
  });

  it('is told its result again, and not stored again, also if the file has changed since', async () => {
    const { port, etag, storage } = await placeOf(await make());
    const { upload } = await UploadWire.opened(port, `path=log append=true ifMatch=${etag}`);
    upload.data(Buffer.from('second\n'));
    upload.end(Buffer.from('second\n'));
    const result = await upload.answer();
    await write(storage, 'first\nsecond\nthird\n');
    for (const offset of [0, 7]) {
      const again = `path=log append=true ifMatch=${etag} offset=${offset}`;
      expect((await UploadWire.opened(port, again)).answer).toBe(result);
    }
    expect(await textAt(storage, 'log')).toBe('first\nsecond\nthird\n');
  });

  it('is thrown away if the file has changed before it is resumed', async () => {
    const place = await placeOf(await make());
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=log append=true');
    await write(place.storage, 'another\n');
    for (let attempt = 0; attempt < 2; attempt++) {
      const again = `path=log append=true ifMatch=${place.etag} offset=0`;
      expect((await UploadWire.opened(place.port, again)).answer).toMatch(/^error code=ESTALE /);
    }
    expect(await textAt(place.storage, 'log')).toBe('another\n');
  });

  it('starts again on another server where the client has all of it, and else is gone', async () => {
    const place = await placeOf(await make());
    await UploadWire.interrupted(place, bytes.subarray(0, 600_000), 'path=log append=true');
    await place.server.close();
    const { port } = await serve({ storage: place.storage });
    const fields = `path=log append=true ifMatch=${place.etag}`;
    expect((await UploadWire.opened(port, `${fields} offset=1`)).answer).toMatch(/^error code=EGONE /);
    expect(offsetOf((await UploadWire.opened(port, `${fields} offset=0`)).answer)).toBe(0);
  });
});

describe.each(Object.entries(storages))('a client that appends on a server of %s', (_name, make) => {
  it('continues over many cuts, and adds each byte once', async () => {
    const { storage, port } = await placeOf(await make());
    const cuts = new Cuts(port);
    const client = new FileClient({
      connect: cuts.each(200_000, 'bytesWritten', 5),
      reconnect: { minDelayMs: 1, maxDelayMs: 1 },
    });
    const append = client.append('log');
    await pipeline(Readable.from(piecesOf(bytes)), append);
    expect((await append.completed).size).toBe(SIZE + 6);
    expect(cuts.sockets.length).toBeGreaterThan(1);
    expect((await bytesAt(storage, 'log')).equals(longer)).toBe(true);
    await client.close();
  });

  it.each([true, false])(
    'is told of what was stored where only the answer was lost (ifMatch: %s)',
    async (known) => {
      const at = await lossy(await make());
      const append = at.client.append('log', known ? { ifMatch: at.etag } : {});
      await pipeline(Readable.from(['second\n']), append);
      expect((await append.completed).size).toBe(13);
      expect(at.commits()).toBe(1);
      expect(await textAt(at.storage, 'log')).toBe('first\nsecond\n');
    },
  );

  it.each([true, false])(
    'does not append again on a server that was restarted (ifMatch: %s)',
    async (known) => {
      const at = await lossy(await make(), { restarts: true });
      const append = at.client.append('log', known ? { ifMatch: at.etag } : {});
      const storing = pipeline(Readable.from(['second\n']), append);
      const error = (await storing.catch((thrown: unknown) => thrown)) as TransferError;
      expect([error.code, error.outcomeUnknown]).toEqual(['ECONNRESET', true]);
      expect(at.commits()).toBe(1);
      expect(await textAt(at.storage, 'log')).toBe('first\nsecond\n');
    },
  );

  it('starts again on a server that was restarted before the end, if it has all bytes', async () => {
    const storage = await make();
    const first = await placeOf(storage);
    const second = await serve({ storage });
    let { port } = first;
    const client = new FileClient({
      connect: () => connect({ port, host: '127.0.0.1' }),
      reconnect: { minDelayMs: 1, maxDelayMs: 1 },
    });
    const append = client.append('log');
    await new Promise<void>((resolve) => append.write('second ', () => resolve()));
    port = second.port;
    first.server.destroy();
    append.end('third\n');
    expect((await append.completed).size).toBe(19);
    expect(await textAt(storage, 'log')).toBe('first\nsecond third\n');
    await client.close();
  });
});

async function* piecesOf(whole: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += 50_000) yield whole.subarray(at, at + 50_000);
}

/** A client whose connection is cut when its append has been committed; then its server is replaced, if asked for. */
async function lossy(inner: Storage, { restarts = false } = {}) {
  const etag = await write(inner, 'first\n');
  let commits = 0;
  const appended = async (pending: PendingFile): Promise<PendingFile> => ({
    write: (pieces) => pending.write(pieces),
    discard: () => pending.discard(),
    commit: async () => {
      const entry = await pending.commit();
      commits += 1;
      if (restarts) port = (await serve({ storage: inner })).port;
      socket?.destroy(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
      return entry;
    },
  });
  const { append } = inner;
  const storage: Storage = {
    stat: (path) => inner.stat(path),
    list: (path, options) => inner.list(path, options),
    read: (path) => inner.read(path),
    append: async (path, options) => appended(await append!.call(inner, path, options)),
  };
  let { port } = await serve({ storage });
  let socket: ReturnType<typeof connect> | undefined;
  const client = new FileClient({
    connect: () => (socket = connect({ port, host: '127.0.0.1' })),
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
  });
  await client.connect();
  return { storage: inner, etag, client, commits: () => commits };
}

it('of an append that was cut leaves nothing when the server closes', async () => {
  const storage = new MemoryStorage();
  const place = await placeOf(storage);
  const held = storage.bytes;
  await UploadWire.interrupted(place, bytes.subarray(0, 600_000), 'path=log append=true');
  expect(storage.bytes).toBe(held + 600_000);
  await place.server.close();
  expect(storage.bytes).toBe(held);
  expect((await storage.stat(log)).size).toBe(6);
});
