/** Waits have limits, and only the end that is waited for is held responsible. */
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { connectionTo, serve, serveFiles, storageOf } from '../../support/servers/serve.js';
import { clientOf, storageWith } from '../../support/servers/unfriendly.js';
import { inVirtualTime, pause } from '../../support/doubles/virtual-time.js';

describe('a time limit', () => {
  it('ends a call, a download, an upload, a listing and a ping with ETIMEDOUT, and affects no other', async () => {
    const memory = new MemoryStorage();
    const never = (): Promise<never> => new Promise(() => undefined);
    const { connect } = await serve({
      storage: storageWith({
        stat: (path) => (path === 'never' ? never() : memory.stat(path)),
        read: (path) => (path === 'never' ? never() : memory.read(path)),
        write: (path, options) => (path === 'never' ? never() : memory.write(path, options)),
        list: (path, options) =>
          path === 'never' ? { [Symbol.asyncIterator]: () => ({ next: never }) } : memory.list(path, options),
      }),
    });
    const client = connect();
    const limit = { timeoutMs: 30 };
    const late = { code: 'ETIMEDOUT' };
    await client.writeFile('a', 'a');
    await expect(client.stat('never', limit)).rejects.toMatchObject({ ...late, outcomeUnknown: false });
    await expect(client.readFile('never', limit)).rejects.toMatchObject(late);
    await expect(client.writeFile('never', 'x', limit)).rejects.toMatchObject(late);
    await expect(client.list('never', limit).next()).rejects.toMatchObject(late);
    expect(await client.readFile('a', { encoding: 'utf8', timeoutMs: 5_000 })).toBe('a');
    expect(client.state.status).toBe('connected');
  });

  it('on a request that is not idempotent sets outcomeUnknown', async () => {
    const { connect } = await serve({
      storage: { ...storageWith({}), remove: () => new Promise(() => undefined) },
    });
    const client = connect();
    await client.connect();
    const call = client.remove('a', { timeoutMs: 30 });
    await expect(call).rejects.toMatchObject({ code: 'ETIMEDOUT', outcomeUnknown: true });
  });

  it('that is not a duration is a TypeError', async () => {
    const { connect } = await serveFiles();
    await expect(connect().stat('a', { timeoutMs: -1 })).rejects.toThrow(TypeError);
    expect(() => connect().download('a', { timeoutMs: NaN })).toThrow(TypeError);
  });
});

describe('a server that makes no progress', () => {
  const timeouts = { stallMs: 80, responseMs: 80 };

  it('on an answer fails the request with ETIMEDOUT', async () => {
    const client = await clientOf('', 'hello ', { timeouts, reconnect: false });
    await client.connect();
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(client.state.status).toBe('connected');
  });

  it('on a download fails the request with ETIMEDOUT, and its reader gets no more bytes', async () => {
    const client = await clientOf(
      'accept id=1 path=a kind=file size=5 mtime=1 etag=e offset=0 checksum=none\n',
      'open ',
      {
        timeouts,
      },
    );
    await expect(client.readFile('a')).rejects.toMatchObject({ code: 'ETIMEDOUT', operation: 'download' });
  });

  it('is not assumed when the local reader or writer is slow', async () => {
    const storage = await storageOf({ big: bytesOf(3_000_000) });
    await inVirtualTime(60_000, async () => {
      const server = new FileServer({ storage });
      const client = new FileClient({
        connect: () => connectionTo(server),
        timeouts: { stallMs: 40, responseMs: 5_000 },
      });
      const download = client.download('big');
      await download.entry;
      const upload = client.upload('slow');
      upload.write('x');
      await pause(2_000);
      expect(download.errored ?? upload.errored).toBeNull();
      upload.end();
      await upload.completed;
      expect(await buffer(download)).toHaveLength(3_000_000);
      await client.close();
      await server.close();
    });
  });
});
