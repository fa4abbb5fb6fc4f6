/** A mistake of the caller's costs one call, and is told in words that help. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type Connect,
  type WriteFileData,
} from '../../../src/index.js';
import { serve, serveFiles, temporaryDirectory } from '../../support/serve.js';
import { uncaughtDuring } from '../../support/unfriendly.js';
import { until } from '../../support/until.js';

/** What a program without types may pass. */
function untyped<Type>(value: unknown): Type {
  return value as Type;
}

describe('writeFile', () => {
  it.each([undefined, null, 42, { a: 1 }, new ArrayBuffer(1), new Uint16Array(1)])(
    'of what is no data (%s) is a TypeError, and begins no upload',
    async (data) => {
      const { server, connect } = await serve({ storage: new MemoryStorage() });
      const client = connect();
      await client.connect();
      await expect(client.writeFile('a', untyped<WriteFileData>(data))).rejects.toThrow(TypeError);
      await client.ping();
      expect(server.stats()).toMatchObject({ activeRequests: 0, servedRequests: 0, failedRequests: 0 });
    },
  );

  it('of an iterable with a wrong piece rejects, stores nothing, and is nobody’s uncaught exception', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const caught = await uncaughtDuring(async () => {
      const write = client.writeFile('a', untyped<WriteFileData>(['good', 1]));
      await expect(write).rejects.toThrow(/text, bytes/);
    });
    expect(caught).toEqual([]);
    expect(await client.exists('a')).toBe(false);
  });

  it('of another size than was said is not worth another try', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const write = connect().writeFile('a', 'xyz', { size: 7 });
    await expect(write).rejects.toMatchObject({ code: 'EBADMSG', retryable: false });
  });
});

describe('an option of the wrong type, or one that nobody knows', () => {
  it('is a TypeError that shows it, and harms no connection', async () => {
    const { connect } = await serveFiles({ a: 'a' });
    const client = connect();
    let lost = false;
    client.on('disconnect', () => (lost = true));
    await client.stat('a');
    const wrong = untyped<boolean>('no');
    await expect(client.writeFile('b', 'b', { overwrite: wrong })).rejects.toThrow(/overwrite .*'no'/);
    await expect(client.mkdir('b', { recursive: wrong })).rejects.toThrow(/recursive .*'no'/);
    await expect(client.rename('a', 'b', { overwrite: wrong })).rejects.toThrow(/overwrite .*'no'/);
    await expect(client.remove('a', untyped({ recursve: true }))).rejects.toThrow(
      /remove has no option recursve/,
    );
    await expect(client.stat('a', untyped({ timeout: 1 }))).rejects.toThrow(/stat has no option timeout/);
    await expect(client.ping(untyped('soon'))).rejects.toThrow(/must be an object, not 'soon'/);
    await expect(client.close(untyped({ grace: 1 }))).rejects.toThrow(/close has no option grace/);
    expect(await client.readFile('a', 'utf8')).toBe('a');
    expect(lost).toBe(false);
  });

  it('a signal that is none leaves no request behind', async () => {
    const { server, connect } = await serveFiles({ big: Buffer.alloc(10_000_000) });
    const client = connect();
    await client.connect();
    expect(() => client.download('big', { signal: untyped<AbortSignal>({}) })).toThrow(TypeError);
    await client.exists('a');
    await until(() => server.stats().activeRequests === 0);
  });

  it('is refused where it would mean nothing', () => {
    expect(() => new FileServer({ flush: false })).toThrow(/flush requires root/);
    expect(() => new FileServer({ root: '.', flush: untyped('soon') })).toThrow(
      /flush must be true or false/,
    );
    expect(() => new FileServer({ root: '.', flush: false })).not.toThrow();
  });

  it('shows a text as a text', () => {
    expect(() => new FileClient({ port: untyped<number>('2121') })).toThrow(/not '2121'/);
  });
});

describe('connect', () => {
  const requests: [string, (client: FileClient) => Promise<unknown>][] = [
    ['connect', (client) => client.connect()],
    ['ping', (client) => client.ping()],
    ['stat', (client) => client.stat('a')],
    ['readFile', (client) => client.readFile('a')],
    ['writeFile', (client) => client.writeFile('a', 'a')],
    ['list', (client) => client.list().next()],
  ];

  it.each(requests)('that throws is the cause of what %s tells', async (_name, ask) => {
    const cause = new Error('No key.');
    const client = new FileClient({
      connect: () => {
        throw cause;
      },
    });
    onTestFinished(() => client.destroy());
    await expect(ask(client)).rejects.toMatchObject({ code: 'EIO', cause });
  });

  it.each([undefined, {}, 'socket'])(
    'that gives %s is told so, and the client can be closed',
    async (given) => {
      const client = new FileClient({ connect: untyped<Connect>(() => given) });
      await expect(client.stat('a')).rejects.toThrow(/connect must give a Duplex/);
      await client.close();
    },
  );
});

describe('a server that is not the one that was meant', () => {
  it('is told by the codec in which it does not answer', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = new FileClient({ port });
    onTestFinished(() => client.destroy());
    await expect(client.stat('a')).rejects.toThrow(/EPROTO: .* does not accept the codec binary/);
  });

  it('is told by the directory that it cannot serve', async () => {
    const root = path.join(await temporaryDirectory(), 'nowhere');
    await expect(new FileServer({ root }).listen(0)).rejects.toThrow(`'${root}'`);
  });

  it('listens on a port that an environment says', async () => {
    const server = await new FileServer({ storage: new MemoryStorage() }).listen('0');
    onTestFinished(() => server.destroy());
    expect((server.address() as AddressInfo).port).toBeGreaterThan(0);
  });
});
