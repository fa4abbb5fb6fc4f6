/** Transports that are gone, never read, never end or give no bytes. */
import { once } from 'node:events';
import { createServer, connect as connectSocket, Socket, type AddressInfo } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type ConnectionInfo,
  type Storage,
  type StoredFile,
  type TransferError,
} from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/frames/wire.js';
import { serverSide, storageWith, uncaughtDuring } from '../../support/servers/unfriendly.js';

/** A storage with files too large for any client: a gigabyte, generated without work. */
function hugeFiles(): Storage {
  return storageWith({
    read: (path) =>
      Promise.resolve({
        entry: { path, kind: 'file', size: 1_000_000_000, mtime: new Date(), etag: 'e' },
        read: (into) => Promise.resolve(into.length),
        etag: () => Promise.resolve('e'),
        close: () => Promise.resolve(),
      } satisfies StoredFile),
  });
}

describe('an attached duplex', () => {
  it('whose client never reads does not keep its socket open nor delay close()', async () => {
    const { server, port } = await serve({
      storage: hugeFiles(),
      keepAlive: { intervalMs: 150, timeoutMs: 400 },
      timeouts: { stallMs: 300 },
    });
    const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('hello version=1\nopen id=1 op=download path=huge window=16384\n');
    await until(() => serverSide(socket) !== undefined);
    const peer = serverSide(socket)!;
    const destroyed = new Promise((resolve) => peer.once('close', resolve));
    // The system's buffers are filled, step by step, until a few bytes stay with the server.
    for (let window = 16_384; peer.writableLength === 0; window += 16_384) {
      socket.write(`ack id=1 offset=0 window=${window}\n`);
      await until(() => server.stats().bytesSent >= window || peer.writableLength > 0);
    }
    socket.end('cancel id=1\n');
    await once(server, 'disconnect');
    expect(server.stats().connections).toBe(0);
    await destroyed;
    await server.close({ graceMs: 0 });
    socket.destroy();
  });

  it('is closed when its client breaks the protocol, never reads and sends single bytes', async () => {
    const { server, port } = await serve({
      storage: hugeFiles(),
      keepAlive: { intervalMs: 200, timeoutMs: 600 },
      timeouts: { stallMs: 500 },
    });
    const socket = connectSocket({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    socket.write('hello version=1\nopen id=1 op=download path=huge\n');
    await until(() => (serverSide(socket)?.writableLength ?? 0) > 0);
    const gone = once(server, 'disconnect');
    socket.write('open id=2 op=stat\n');
    const dribble = setInterval(() => socket.write('x'), 50);
    await gone;
    clearInterval(dribble);
    socket.destroy();
  });

  it('is closed with ETIMEDOUT when its client answers pings but never reads', async () => {
    const { server, port } = await serve({
      storage: hugeFiles(),
      keepAlive: { intervalMs: 100, timeoutMs: 300 },
      timeouts: { stallMs: 300 },
    });
    const socket = connectSocket({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    socket.write('hello version=1\nopen id=1 op=download path=huge\n');
    const gone = once(server, 'disconnect');
    const dribble = setInterval(() => socket.write('pong token=1\n'), 50);
    const [, error] = (await gone) as [ConnectionInfo, TransferError | undefined];
    clearInterval(dribble);
    socket.destroy();
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('that is destroyed already fails requests at once', async () => {
    const client = new FileClient({
      connect: async () => {
        const socket = new Socket().destroy();
        await once(socket, 'close');
        return socket;
      },
      timeouts: { connectMs: 600_000 },
    });
    await expect(client.stat('a')).rejects.toMatchObject({ retryable: true });
  });

  it('that has ended already fails requests at once', async () => {
    const client = new FileClient({
      connect: async () => {
        const [near, far] = duplexPair();
        far.end();
        near.resume();
        await once(near, 'end');
        return near;
      },
      timeouts: { connectMs: 600_000 },
    });
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('in object mode is closed without an uncaught exception', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const caught = await uncaughtDuring(async () => {
      const duplex = new Duplex({
        objectMode: true,
        read: () => undefined,
        write: (_chunk, _encoding, done) => done(),
      });
      const closed = new Promise((resolve) => duplex.once('close', resolve));
      server.accept(duplex);
      duplex.push({ not: 'bytes' });
      await closed;
    });
    server.destroy();
    expect(caught).toEqual([]);
  });

  it('whose writes never call back is closed after all its requests', async () => {
    const server = new FileServer({
      storage: new MemoryStorage(),
      keepAlive: { intervalMs: 50, timeoutMs: 150 },
      timeouts: { stallMs: 150 },
    });
    const duplex = new Duplex({ read: () => undefined, write: () => undefined });
    const closed = new Promise((resolve) => duplex.once('close', resolve));
    server.accept(duplex);
    duplex.push('hello version=1\nping token=1\n');
    duplex.push(null);
    await closed;
    expect(server.stats().connections).toBe(0);
  });
});

describe('a half-open connection', () => {
  it('is answered over a duplex without allowHalfOpen', async () => {
    const storage = new MemoryStorage();
    const server = await new FileServer({ storage }).listen(0);
    const client = new FileClient({ port: (server.address() as AddressInfo).port });
    await client.writeFile('x', Buffer.alloc(1_000_000, 120));
    await client.close();
    const net = createServer((socket) => server.accept(socket)).listen(0, '127.0.0.1');
    await once(net, 'listening');
    onTestFinished(() => {
      server.destroy();
      net.close();
    });
    const wire = await Wire.connect((net.address() as AddressInfo).port);
    wire.socket.end('hello version=1\nopen id=1 op=download path=x\n');
    expect(await wire.rest()).toMatch(/result id=1/);
  });

  it('of a refused client that continues to write is closed in a pipeline, too', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const [near, far] = duplexPair();
    const over = pipeline(far, server.endpoint(), far).catch(() => undefined);
    near.resume();
    near.write('hello version=1\nopen id=2 op=stat\n');
    const dribble = setInterval(() => near.write('x'), 50);
    await over;
    clearInterval(dribble);
    server.destroy();
  });
});
