/** Servers that answer, but never finish: the client repeats its request with delays, and gives up. */
import { describe, expect, it, vi } from 'vitest';
import { MemoryStorage, parseRemotePath, TransferError } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { clientAt, quick } from '../../support/servers/scripted.js';
import { serve } from '../../support/servers/serve.js';
import { settledOr, telling } from '../../support/servers/telling.js';
import { storageWith } from '../../support/servers/unfriendly.js';

const reconnect = { ...quick, maxAttempts: 3 };
const timedOut = (): TransferError => new TransferError('ETIMEDOUT', 'The disk does not answer.');

describe('a time-out of the storage, which is no pause of the program,', () => {
  it('fails a listing after maxAttempts, although some entries arrive each time', async () => {
    let calls = 0;
    const storage = storageWith({
      async *list() {
        calls += 1;
        for (let index = 0; index < 100; index++) {
          yield { path: parseRemotePath(`${index}`), kind: 'file', size: 0, mtime: new Date(0), etag: 'x' };
        }
        throw timedOut();
      },
    });
    const { connect } = await serve({ storage });
    const listing = connect({ reconnect }).readdir('/');
    listing.catch(() => undefined);
    await settledOr(listing, () => calls > 50);
    expect(calls).toBeLessThanOrEqual(5);
    await expect(listing).rejects.toMatchObject({ code: 'ETIMEDOUT', reason: 'The disk does not answer.' });
  });

  it('delays the next request of a download, although a byte arrives each time', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.99);
    const memory = new MemoryStorage();
    await put(memory, 'file', 'x'.repeat(1_000));
    let opens = 0;
    const storage = storageWith({
      read: async (path) => {
        const file = await memory.read(path);
        opens += 1;
        let reads = 0;
        return {
          entry: file.entry,
          read: (target, position) => {
            if (reads++ > 0) throw timedOut();
            return file.read(target.subarray(0, 1), position);
          },
          etag: () => file.etag(),
          close: () => file.close(),
        };
      },
    });
    const { connect } = await serve({ storage });
    const client = connect({ reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 } });
    const controller = new AbortController();
    const reading = client.readFile('file', { signal: controller.signal });
    reading.catch(() => undefined);
    for (let times = 0; times < 50; times++) await client.ping();
    expect(opens).toBe(1);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: 'ECANCELED' });
  });

  it('in commit() is the error of an upload, whose bytes are gone afterwards', async () => {
    const memory = new MemoryStorage();
    let commits = 0;
    const storage = storageWith({
      write: async (path, options) => {
        const pending = await memory.write(path, options);
        return {
          write: (pieces) => pending.write(pieces),
          discard: () => pending.discard(),
          commit: () => {
            commits += 1;
            return Promise.reject(timedOut());
          },
        };
      },
    });
    const { connect } = await serve({ storage });
    const upload = connect({ reconnect }).upload('file');
    for (let times = 0; times < 20; times++) upload.write(Buffer.alloc(65_536));
    upload.end();
    await expect(upload.completed).rejects.toMatchObject({ code: 'ETIMEDOUT', outcomeUnknown: true });
    expect(commits).toBeLessThanOrEqual(4);
    expect(await connect().exists('file')).toBe(false);
  });
});

describe('bytes that were transferred before', () => {
  it('are no progress of a listing', async () => {
    let entries = '';
    for (let index = 0; entries.length < 64_000; index++) {
      entries += `entry path=file-with-a-rather-long-name-${index} kind=file size=1 mtime=1 etag=v1\n`;
    }
    const { port, connections } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      socket.write(`accept id=${id} kind=directory checksum=crc32\n`);
      socket.write(`data id=${id} length=${entries.length}\n${entries}\n`);
      // Later, so that the client has decoded them.
      setTimeout(() => socket.destroy(), 10);
    });
    const listing = clientAt(port, { reconnect }).readdir('/');
    listing.catch(() => undefined);
    await settledOr(listing, () => connections() > 20);
    expect(connections()).toBeLessThanOrEqual(5);
    await expect(listing).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('are no progress of an upload', async () => {
    const { port, connections } = await telling(({ line, id, socket }) => {
      if (line.startsWith('open')) {
        const offset = line.includes('offset=') ? 'offset=0 ' : '';
        socket.write(`accept id=${id} path=x ${offset}checksum=crc32 window=2000000\n`);
      }
      if (!line.startsWith('end')) return;
      socket.write(`ack id=${id} offset=200000 window=2000000\n`);
      setTimeout(() => socket.destroy(), 10);
    });
    const upload = clientAt(port, { reconnect }).writeFile('x', Buffer.alloc(200_000, 'a'));
    upload.catch(() => undefined);
    await settledOr(upload, () => connections() > 20);
    expect(connections()).toBeLessThanOrEqual(5);
    await expect(upload).rejects.toMatchObject({ code: 'ECONNRESET', outcomeUnknown: true });
  });
});

describe('a download whose etag changes with each byte', () => {
  it('is compared a few times, and then fails with ESTALE', async () => {
    let opens = 0;
    const { port } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      opens += 1;
      const offset = /offset=(\d+)/.exec(line)?.[1] ?? 0;
      const version = `kind=file size=1000 mtime=1 etag=v${opens}`;
      socket.write(`accept id=${id} path=x ${version} offset=${offset} checksum=crc32\n`);
      socket.write(`data id=${id} length=1\nA\nerror code=ESTALE id=${id}\n`);
    });
    const reading = clientAt(port).readFile('x');
    reading.catch(() => undefined);
    await settledOr(reading, () => opens > 50);
    expect(opens).toBe(6);
    await expect(reading).rejects.toMatchObject({ code: 'ESTALE' });
  });
});
