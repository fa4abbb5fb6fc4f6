/** Programs that pause in the middle of a download for longer than the server waits. */
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { bytesOf } from '../../support/bytes.js';
import { impatient, LARGE, serveLarge, serveSmall, small, stall } from '../../support/servers/impatient.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { storageWith, turns } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';

async function readWithPause(client: FileClient, pause: () => Promise<void>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of client.download('large')) {
    if (pieces.length === 0) await pause();
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

describe('a download whose reader pauses', () => {
  it('continues when the reader does, as often as it pauses', async () => {
    const served = await serveLarge();
    let pauses = 0;
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of served.connect().download('large')) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).length;
      if (bytes < pauses * 300_000 || bytes > 1_000_000) continue;
      pauses += 1;
      await stall(served);
    }
    expect(pauses).toBeGreaterThan(2);
    expect(Buffer.concat(pieces).equals(LARGE)).toBe(true);
  });

  it('continues if the reader comes late', async () => {
    const served = await serveLarge();
    const download = served.connect().download('large');
    await stall(served);
    const pieces = await download.toArray();
    expect(Buffer.concat(pieces as Buffer[]).equals(LARGE)).toBe(true);
    expect(await download.completed).toMatchObject({ bytes: LARGE.length });
  });

  it('continues in a pipeline into a slow stream, and into an upload of another client', async () => {
    const from = await serveLarge();
    const to = await serveSmall({ storage: new MemoryStorage() });
    let isSlow = true;
    const slow = new Writable({
      write(_chunk, _encoding, done) {
        if (!isSlow) return done();
        isSlow = false;
        return void stall(from).then(() => done());
      },
    });
    const source = from.connect().download('large');
    await pipeline(source, slow);
    const upload = to.connect().upload('copy');
    let isFirst = true;
    const again = from.connect().download('large');
    await pipeline(
      again,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          yield piece;
          if (isFirst) await stall(from);
          isFirst = false;
        }
      },
      upload,
    );
    expect((await to.connect().readFile('copy')).equals(LARGE)).toBe(true);
  });

  it('fails with ESTALE if the file has changed meanwhile', async () => {
    const served = await serveLarge();
    const client = served.connect();
    const reading = readWithPause(client, async () => {
      await stall(served);
      await client.writeFile('large', bytesOf(1_500_001));
    });
    await expect(reading).rejects.toMatchObject({ code: 'ESTALE', path: 'large' });
  });

  it('still has its time limit and its signal', async () => {
    const served = await serveLarge();
    const client = served.connect();
    const controller = new AbortController();
    const aborted = client.download('large', { signal: controller.signal });
    await stall(served);
    const late = client.download('large', { timeoutMs: 400 });
    await stall(served);
    controller.abort();
    expect((await once(aborted, 'error'))[0]).toMatchObject({ code: 'ECANCELED' });
    expect((await once(late, 'error'))[0]).toMatchObject({ code: 'ETIMEDOUT', name: 'TimeoutError' });
  });

  it('keeps no connection open, and continues on the next one', async () => {
    const served = await serveLarge();
    const client = served.connect({ connection: 'on-demand', timeouts: { idleMs: 20 } });
    const bytes = await readWithPause(client, async () => {
      await stall(served);
      await until(() => client.state.status === 'disconnected');
    });
    expect(bytes.equals(LARGE)).toBe(true);
  });

  it('continues with a server that was restarted meanwhile, and is not back yet', async () => {
    const root = await temporaryDirectory();
    let server = await new FileServer({ root, ...impatient }).listen(0);
    const { port } = server.address() as { port: number };
    onTestFinished(() => server.close({ graceMs: 0 }));
    const reader = new FileClient({
      port,
      ...small,
      reconnect: { minDelayMs: 30, maxDelayMs: 60, maxAttempts: 8 },
    });
    onTestFinished(() => reader.destroy());
    await reader.writeFile('large', LARGE);
    const bytes = await readWithPause(reader, async () => {
      await stall({ server });
      await server.close({ graceMs: 0 });
      // The client gives up: nothing waits for a connection.
      await until(() => reader.state.status === 'disconnected');
      server = new FileServer({ root, ...impatient });
      void until(() => reader.state.status === 'waiting').then(() => server.listen(port));
    });
    expect(bytes.equals(LARGE)).toBe(true);
  });

  it('fails with ESHUTDOWN if the client is closed or destroyed meanwhile', async () => {
    const served = await serveLarge();
    for (const end of ['close', 'destroy'] as const) {
      const client = served.connect();
      const download = client.download('large');
      await stall(served);
      await turns(10);
      const failure = once(download, 'error');
      void client[end]();
      expect((await failure)[0]).toMatchObject({ code: 'ESHUTDOWN' });
    }
  });

  it.each([
    ['has no etag', undefined, 'crc32'],
    ['has a weak etag, and nothing is compared', 'W/"weak"', 'none'],
  ] as const)('fails with ETIMEDOUT if the file %s', async (_, etag, checksum) => {
    const memory = new MemoryStorage();
    await put(memory, 'large', LARGE);
    const storage = storageWith({
      read: async (path) => {
        const file = await memory.read(path);
        return {
          entry: { ...file.entry, etag },
          read: (target, position) => file.read(target, position),
          etag: () => Promise.resolve(etag),
          close: () => file.close(),
        };
      },
    });
    const served = await serveSmall({ storage });
    const reading = readWithPause(served.connect({ checksum }), () => stall(served));
    await expect(reading).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('is told of a time-out of the storage after maxAttempts', async () => {
    let reads = 0;
    const memory = new MemoryStorage();
    await put(memory, 'large', LARGE);
    const storage = storageWith({
      read: async (path) => {
        const file = await memory.read(path);
        return {
          entry: file.entry,
          read: () => {
            reads += 1;
            return Promise.reject(Object.assign(new Error('slow'), { code: 'ETIMEDOUT' }));
          },
          etag: () => file.etag(),
          close: () => file.close(),
        };
      },
    });
    const served = await serveSmall({ storage });
    const client = served.connect({ reconnect: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 } });
    await expect(client.readFile('large')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(reads).toBe(3);
  });
});
