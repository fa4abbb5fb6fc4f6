/** A mistake of the caller fails one call, with a helpful message. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type Connect,
  type FileServerOptions,
  type WriteFileData,
} from '../../../src/index.js';
import { serve, serveFiles, temporaryDirectory } from '../../support/servers/serve.js';
import { uncaughtDuring } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';

/** Values that a program without types may pass. */
function untyped<Type>(value: unknown): Type {
  return value as Type;
}

describe('writeFile', () => {
  it.each([undefined, null, 42, { a: 1 }, Promise.resolve('a'), new SharedArrayBuffer(1)])(
    'with unsupported data (%s) throws a TypeError, and starts no upload',
    async (data) => {
      const { server, connect } = await serve({ storage: new MemoryStorage() });
      const client = connect();
      await client.connect();
      await expect(client.writeFile('a', untyped<WriteFileData>(data))).rejects.toThrow(
        /^writeFile takes a string, .* a Blob, .* not \[object /,
      );
      await client.ping();
      expect(server.stats()).toMatchObject({ activeRequests: 0, servedRequests: 0, failedRequests: 0 });
    },
  );

  it('with an iterable of a wrong type rejects, stores nothing, and causes no uncaught exception', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const caught = await uncaughtDuring(async () => {
      const write = client.writeFile('a', untyped<WriteFileData>(['good', 1]));
      await expect(write).rejects.toThrow(/iterable of strings and bytes, not \[object Number\]/);
    });
    expect(caught).toEqual([]);
    expect(await client.exists('a')).toBe(false);
  });

  it('with another size than announced fails with an error that is not retryable', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const write = connect().writeFile('a', 'xyz', { size: 7 });
    await expect(write).rejects.toMatchObject({ code: 'EBADMSG', retryable: false });
  });
});

describe('an option of the wrong type, or an unknown one', () => {
  it('throws a TypeError with the value, and does not affect the connection', async () => {
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

  it('as the signal leaves no request behind', async () => {
    const { server, connect } = await serveFiles({ big: Buffer.alloc(10_000_000) });
    const client = connect();
    await client.connect();
    expect(() => client.download('big', { signal: untyped<AbortSignal>({}) })).toThrow(TypeError);
    await client.exists('a');
    await until(() => server.stats().activeRequests === 0);
  });

  it.each<[unknown, string]>([
    [{ port: 2121 }, 'FileServer has no option port: write new FileServer({ ... }).listen(2121).'],
    [
      { host: '::', root: '.' },
      "FileServer has no option host: write new FileServer({ ... }).listen(2121, '::').",
    ],
    [
      { socketPath: '/x' },
      "FileServer has no option socketPath: write new FileServer({ ... }).listen('/x').",
    ],
    [2121, 'The options of FileServer must be an object: write new FileServer({ ... }).listen(2121).'],
    ['files', "The options of FileServer must be an object: write new FileServer({ root: 'files' })."],
  ])('of listen() is rejected by the constructor of a server with what to write: %j', (given, message) => {
    expect(() => new FileServer(untyped<FileServerOptions>(given))).toThrow(new TypeError(message));
  });

  it('is rejected by list() without a path with what to write', async () => {
    const { connect } = await serveFiles({});
    const client = connect();
    const write = "list() takes the path first: write list('/', options) for the root.";
    await expect(client.list(untyped({ recursive: true })).next()).rejects.toThrow(new TypeError(write));
    await expect(client.readdir(untyped({ recursive: true }))).rejects.toThrow(TypeError);
  });

  it('is rejected where it would have no effect', () => {
    expect(() => new FileServer({ flush: false })).toThrow(/flush requires root/);
    expect(() => new FileServer({ root: '.', flush: untyped('soon') })).toThrow(
      /flush must be true or false/,
    );
    expect(() => new FileServer({ root: '.', flush: false })).not.toThrow();
  });

  it('appears quoted in the message if it is a string', () => {
    expect(() => new FileClient({ port: untyped<number>('2121') })).toThrow(/not '2121'/);
  });
});

describe('the connect option', () => {
  const requests: [string, (client: FileClient) => Promise<unknown>][] = [
    ['connect', (client) => client.connect()],
    ['ping', (client) => client.ping()],
    ['stat', (client) => client.stat('a')],
    ['readFile', (client) => client.readFile('a')],
    ['writeFile', (client) => client.writeFile('a', 'a')],
    ['list', (client) => client.list().next()],
  ];

  it.each(requests)('that throws is the cause of the error that %s reports', async (_name, ask) => {
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
    'that returns %s fails with its value, and the client can be closed',
    async (given) => {
      const client = new FileClient({ connect: untyped<Connect>(() => given) });
      await expect(client.stat('a')).rejects.toThrow(/connect must return a Duplex/);
      await client.close();
    },
  );
});

describe('a server other than the intended one', () => {
  it('is recognised by the codec that it does not answer in', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = new FileClient({ port });
    onTestFinished(() => client.destroy());
    await expect(client.stat('a')).rejects.toThrow(/EPROTO: .* does not accept the codec binary/);
  });

  it('is recognised by the directory that it cannot serve', async () => {
    const root = path.join(await temporaryDirectory(), 'nowhere');
    await expect(new FileServer({ root }).listen(0)).rejects.toThrow(`'${root}'`);
  });

  it('listens on a port from an environment variable', async () => {
    const server = await new FileServer({ storage: new MemoryStorage() }).listen('0');
    onTestFinished(() => server.destroy());
    expect((server.address() as AddressInfo).port).toBeGreaterThan(0);
  });
});
