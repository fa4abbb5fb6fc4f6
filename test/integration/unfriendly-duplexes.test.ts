/** Transports that are gone, never read, never end or give no bytes. */
import { once } from 'node:events';
import { createServer, connect as connectSocket, Socket, type AddressInfo } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../src/index.js';
import { serve } from '../support/serve.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';
import { settles, uncaughtDuring, serverSide } from '../support/unfriendly.js';

describe('attach', () => {
  it('a client that never reads cannot keep a socket beyond its connection, nor close() from resolving', async () => {
    const storage = new MemoryStorage();
    const timeouts = { stallMs: 500, idleMs: 150, deadMs: 400 };
    const server = await new FileServer({ storage, timeouts }).listen(0);
    const { port } = server.address() as AddressInfo;
    const client = new FileClient({ port });
    await client.writeFile('huge', Buffer.alloc(60_000_000));
    await client.close();
    const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('hello version=1\nopen id=1 op=download path=huge window=16384\n');
    await until(() => serverSide(socket) !== undefined);
    const peer = serverSide(socket);
    // The system's buffers are filled, step by step, until a few bytes stay with the server.
    for (let offset = 16_384; peer?.writableLength === 0; offset += 16_384) {
      socket.write(`ack id=1 offset=0 window=${offset + 16_384}\n`);
      await sleep(2);
    }
    socket.end('cancel id=1\n');
    await once(server, 'disconnection');
    await sleep(3_000);
    // By its own account no connection is left, and the linger of two seconds is over.
    expect(server.stats().connections).toBe(0);
    const left = peer?.destroyed;
    const closed = server.close({ graceMs: 0 });
    const inTime = await settles(closed, 3_000);
    socket.destroy();
    await closed;
    expect({ destroyed: left, closedInTime: inTime }).toEqual({ destroyed: true, closedInTime: true });
  });

  it('a client that broke the protocol, never reads and dribbles is gone after the linger', async () => {
    const { server, port, connect } = await serve({
      storage: new MemoryStorage(),
      timeouts: { idleMs: 200, deadMs: 600, stallMs: 500 },
    });
    await connect().writeFile('huge', Buffer.alloc(30_000_000));
    const socket = connectSocket({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    socket.write('hello version=1\nopen id=1 op=download path=huge\n');
    await until(() => server.stats().bytesSent > 3_000_000);
    await sleep(200);
    const gone = new Promise<void>((resolve) => server.on('disconnection', () => resolve()));
    socket.write('open id=2 op=stat\n');
    const dribble = setInterval(() => socket.write('x'), 50);
    const inTime = await settles(gone, 5_000);
    clearInterval(dribble);
    socket.destroy();
    expect(inTime).toBe(true);
  });

  it('one that never reads but answers is cut off, for a stall of what is written to it', async () => {
    const { server, port, connect } = await serve({
      storage: new MemoryStorage(),
      timeouts: { idleMs: 100, deadMs: 300, stallMs: 300 },
    });
    await connect().writeFile('huge', Buffer.alloc(30_000_000));
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
      server.accept(duplex);
      duplex.push({ not: 'bytes' });
      await sleep(20);
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
    server.accept(duplex);
    duplex.push('hello version=1\nping token=1\n');
    duplex.push(null);
    await once(server, 'disconnection');
    await sleep(2_500);
    expect(duplex.destroyed).toBe(true);
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
