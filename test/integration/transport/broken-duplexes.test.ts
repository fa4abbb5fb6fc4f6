/** Transports that are gone, never read, never end or give no bytes. */
import { once } from 'node:events';
import { createServer, connect as connectSocket, Socket, type AddressInfo } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage, type Storage, type StoredFile } from '../../../src/index.js';
import { serve } from '../../support/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/wire.js';
import { serverSide, settles, storageWith, uncaughtDuring } from '../../support/unfriendly.js';

/** A storage of files that nobody could take in: of a gigabyte, and without any work. */
function hugeFiles(): Storage {
  return storageWith({
    read: (path) =>
      Promise.resolve({
        entry: { path, kind: 'file', size: 1_000_000_000, mtime: new Date(), etag: 'e' },
        read: (into) => Promise.resolve(into.length),
        currentEtag: () => Promise.resolve('e'),
        close: () => Promise.resolve(),
      } satisfies StoredFile),
  });
}

describe('attach', () => {
  it('a client that never reads cannot keep a socket beyond its connection, nor close() from resolving', async () => {
    const { server, port } = await serve({
      storage: hugeFiles(),
      timeouts: { stallMs: 300, idleMs: 150, deadMs: 400 },
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
    await once(server, 'disconnection');
    expect(server.stats().connections).toBe(0);
    expect(await settles(destroyed, 3_000)).toBe(true);
    expect(await settles(server.close({ graceMs: 0 }), 3_000)).toBe(true);
    socket.destroy();
  });

  it('a client that broke the protocol, never reads and dribbles is gone after the linger', async () => {
    const { server, port } = await serve({
      storage: hugeFiles(),
      timeouts: { idleMs: 200, deadMs: 600, stallMs: 500 },
    });
    const socket = connectSocket({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    socket.write('hello version=1\nopen id=1 op=download path=huge\n');
    await until(() => (serverSide(socket)?.writableLength ?? 0) > 0);
    const gone = new Promise<void>((resolve) => server.on('disconnection', () => resolve()));
    socket.write('open id=2 op=stat\n');
    const dribble = setInterval(() => socket.write('x'), 50);
    const inTime = await settles(gone, 5_000);
    clearInterval(dribble);
    socket.destroy();
    expect(inTime).toBe(true);
  });

  it('one that never reads but answers is cut off, for a stall of what is written to it', async () => {
    const { server, port } = await serve({
      storage: hugeFiles(),
      timeouts: { idleMs: 100, deadMs: 300, stallMs: 300 },
    });
    const socket = connectSocket({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    socket.write('hello version=1\nopen id=1 op=download path=huge\n');
    const gone = new Promise<void>((resolve) => server.on('disconnection', () => resolve()));
    const dribble = setInterval(() => socket.write('pong token=1\n'), 50);
    const inTime = await settles(gone, 4_000);
    clearInterval(dribble);
    socket.destroy();
    expect(inTime).toBe(true);
  });

  it('a duplex that is gone already fails what waits for it at once', async () => {
    const client = new FileClient({
      connect: async () => {
        const socket = new Socket().destroy();
        await once(socket, 'close');
        return socket;
      },
      timeouts: { connectMs: 3_000 },
    });
    const since = Date.now();
    await expect(client.stat('a')).rejects.toMatchObject({ retryable: true });
    expect(Date.now() - since).toBeLessThan(1_000);
  });

  it('a duplex that has ended already fails what waits for it at once', async () => {
    const client = new FileClient({
      connect: async () => {
        const [near, far] = duplexPair();
        far.end();
        near.resume();
        await once(near, 'end');
        return near;
      },
      timeouts: { connectMs: 3_000 },
    });
    const since = Date.now();
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(Date.now() - since).toBeLessThan(1_000);
  });

  it('a duplex that gives something else than bytes costs its connection, not the process', async () => {
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

  it('over a duplex whose writes never end, a server that has served all lets go of it', async () => {
    const server = new FileServer({
      storage: new MemoryStorage(),
      timeouts: { idleMs: 50, deadMs: 150, stallMs: 150 },
    });
    const duplex = new Duplex({ read: () => undefined, write: () => undefined });
    const closed = new Promise((resolve) => duplex.once('close', resolve));
    server.accept(duplex);
    duplex.push('hello version=1\nping token=1\n');
    duplex.push(null);
    expect(await settles(closed, 4_000)).toBe(true);
    expect(server.stats().connections).toBe(0);
  });
});

describe('half-open', () => {
  it('requests of a client that ends its side are answered over a duplex that ends itself', async () => {
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

  it('over a pipeline an end that was refused is closed in the time in which attach closes it', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const [near, far] = duplexPair();
    const over = pipeline(far, server.endpoint(), far).catch(() => undefined);
    near.resume();
    near.write('hello version=1\nopen id=2 op=stat\n');
    const dribble = setInterval(() => near.write('x'), 50);
    const inTime = await settles(over, 4_000);
    clearInterval(dribble);
    server.destroy();
    expect(inTime).toBe(true);
  });
});
