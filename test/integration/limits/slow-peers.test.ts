/** Peers that are slow but alive, and ends that come at once. */
import { connect as connectSocket, type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { TransferError } from '../../../src/errors.js';
import { serve } from '../../support/serve.js';
import { Pair, says } from '../../support/sessions.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/wire.js';
import { settles, storageWith } from '../../support/unfriendly.js';

describe('slow peers, and ends that come at once', () => {
  it('a ping that waits does not keep a session whose server has ended', async () => {
    const pair = new Pair();
    pair.exchange();
    const ping = pair.client.ping().catch((error: unknown) => (error as TransferError).code);
    says(pair.client);
    pair.client.receiveEnd();
    expect(pair.clientEnded).toBeDefined();
    expect(await Promise.race([ping, sleep(100, 'waits')])).toBe('ECONNRESET');
  });

  it('a slot stays taken until what was begun is over, also if a frame of an unknown type ended it', async () => {
    const storage = storageWith({ stat: () => new Promise(() => undefined) });
    const { server, port } = await serve({ storage, limits: { maxChannels: 16 } });
    const wire = await Wire.connect(port);
    wire.send('hello version=1\n');
    for (let id = 1; id < 200; id += 2) wire.send(`open id=${id} op=stat path=x\nfuture id=${id}\n`);
    wire.send('ping token=7\n');
    while ((await wire.line()) !== 'pong token=7') continue;
    await sleep(50);
    expect(server.stats().activeRequests).toBeLessThanOrEqual(16);
  });

  it('over a pipeline, too, the last bytes of a closing server arrive over a slow link', async () => {
    const storage = new MemoryStorage();
    await using filler = await new FileServer({ storage }).listen(0);
    const client = new FileClient({ port: (filler.address() as AddressInfo).port });
    await client.writeFile('x', Buffer.alloc(350_000, 120));
    await client.close();
    const server = new FileServer({ storage });
    let received = '';
    const far = new Duplex({
      writableHighWaterMark: 1_048_576,
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        // 100 kB a second.
        void sleep(chunk.length / 100).then(() => {
          received += chunk.toString();
          done();
        });
      },
    });
    const over = pipeline(far, server.endpoint(), far).catch((error: unknown) => error);
    far.push('hello version=1\nopen id=1 op=download path=x\n');
    await until(() => server.stats().activeRequests === 1);
    const closed = server.close({ graceMs: 8_000 });
    await until(() => received.includes('result id=1') || far.destroyed);
    far.destroy();
    await over;
    await closed;
    expect(received.includes('result id=1')).toBe(true);
  });

  it('one who reads slowly, and answers, is not one who takes nothing', async () => {
    const { server, port, connect } = await serve({
      storage: new MemoryStorage(),
      timeouts: { idleMs: 100, deadMs: 400, stallMs: 60_000 },
    });
    await connect().writeFile('huge', Buffer.alloc(30_000_000));
    const socket = connectSocket({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    socket.write('hello version=1\nopen id=1 op=download path=huge\n');
    let lost: unknown = false;
    server.once('disconnection', (_connection, error) => (lost = error ?? true));
    const reading = setInterval(() => {
      socket.read(Math.min(20_000, socket.readableLength));
      socket.write('pong token=1\n');
    }, 50);
    await sleep(3_000);
    clearInterval(reading);
    socket.destroy();
    expect(lost).toBe(false);
  });

  it('tells of every request before it tells that it is closed', async () => {
    const storage = storageWith({
      write: () =>
        Promise.resolve({
          write: () => Promise.resolve(),
          commit: () => Promise.reject(new TransferError('EIO')),
          discard: () => sleep(100),
        }),
    });
    const { server, connect } = await serve({ storage });
    const events: string[] = [];
    server.on('request', () => events.push('request'));
    server.on('close', () => events.push('close'));
    const upload = connect().upload('x');
    upload.on('error', () => undefined);
    upload.write('half');
    await until(() => server.stats().activeRequests === 1);
    await server.close({ graceMs: 0 });
    await sleep(20);
    expect(events).toEqual(['request', 'close']);
  });

  it('a duplex that never says that it is closed does not keep close() from resolving', async () => {
    const client = new FileClient({
      connect: () => new Duplex({ emitClose: false, read: () => undefined, write: (_c, _e, done) => done() }),
      timeouts: { connectMs: 200 },
    });
    await client.stat('a').catch(() => undefined);
    expect(await settles(client.close({ graceMs: 10 }), 4_000)).toBe(true);
  });

  it('a signal that is none leaves no request behind', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    await client.writeFile('big', Buffer.alloc(10_000_000));
    expect(() => client.download('big', { signal: {} as AbortSignal })).toThrow(TypeError);
    await client.exists('a');
    await sleep(100);
    expect(server.stats().activeRequests).toBe(0);
  });

  it('a download over a slow link is not taken for a dead client', async () => {
    const { port, connect } = await serve({
      storage: new MemoryStorage(),
      timeouts: { idleMs: 200, deadMs: 600 },
    });
    await connect().writeFile('x', Buffer.alloc(6_000_000));
    const client = new FileClient({
      connect: () => {
        const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
        const slow = new Duplex({
          read: () => undefined,
          write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
          final: (done) => void socket.end(() => done()),
          destroy: (error, done) => {
            clearInterval(timer);
            socket.destroy();
            done(error);
          },
        });
        socket.on('error', (error) => slow.destroy(error));
        socket.on('close', () => slow.destroy());
        // A megabyte a second.
        const timer = setInterval(() => {
          const piece = socket.read(Math.min(20_000, socket.readableLength)) as Buffer | null;
          if (piece) slow.push(piece);
        }, 20);
        return slow;
      },
    });
    onTestFinished(() => client.destroy());
    const outcome: unknown = await client.readFile('x').then(
      (bytes) => bytes.length,
      (error: unknown) => error,
    );
    expect(outcome).toBe(6_000_000);
  });
});
