/** Peers that are slow but alive keep their connections. Slow links are links in memory, in virtual time. */
import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, type FileServerOptions } from '../../../src/index.js';
import { connectionTo, storageOf } from '../../support/servers/serve.js';
import { narrowPair } from '../../support/servers/unfriendly.js';
import { inVirtualTime, pause } from '../../support/doubles/virtual-time.js';
import { Wire } from '../../support/frames/wire.js';

const MAX_MS = 60_000;

/** A server of one large file, for work in virtual time. */
async function withServer(
  { bytes, ...options }: { bytes: number } & FileServerOptions,
  work: (server: FileServer) => Promise<void>,
): Promise<void> {
  const storage = await storageOf({ large: Buffer.alloc(bytes, 'x') });
  await inVirtualTime(MAX_MS, async () => {
    const server = new FileServer({ storage, ...options });
    await work(server);
    server.destroy();
    await server.close();
    // The timers of destroyed objects.
    await pause(10_000);
  });
}

/** How a download ends for a client that reads a little every 50 ms, and answers pings or does not. */
async function readSlowly(
  server: FileServer,
  { answers }: { answers: boolean },
): Promise<{ received: number; isLost: boolean }> {
  const socket = connectionTo(server, narrowPair(65_536)).pause();
  socket.on('error', () => undefined);
  let isLost = false;
  server.once('disconnect', () => (isLost = true));
  socket.write('hello version=1\nopen id=1 op=download path=large\n');
  let received = 0;
  for (let elapsedMs = 0; elapsedMs < 3_000 && !isLost; elapsedMs += 50) {
    await pause(50);
    if (!answers) continue;
    received += (socket.read(Math.min(20_000, socket.readableLength)) as Buffer | null)?.length ?? 0;
    socket.write('pong token=1\n');
  }
  const outcome = { received, isLost };
  socket.destroy();
  return outcome;
}

describe('a client that reads slowly', () => {
  const patience = { keepAlive: { intervalMs: 100, timeoutMs: 400 }, timeouts: { stallMs: 60_000 } };

  it('keeps its connection while it answers', () =>
    withServer({ bytes: 30_000_000, ...patience }, async (server) => {
      const { received, isLost } = await readSlowly(server, { answers: true });
      expect(isLost).toBe(false);
      expect(received).toBeGreaterThan(1_000_000);
    }));

  it('loses its connection when it neither reads nor answers', () =>
    withServer({ bytes: 30_000_000, ...patience }, async (server) => {
      expect(await readSlowly(server, { answers: false })).toEqual({ received: 0, isLost: true });
    }));
});

describe('a client that acknowledges slowly', () => {
  it('keeps its download while each acknowledgement comes within the stall limit', () =>
    withServer({ bytes: 100_000, timeouts: { stallMs: 150 } }, async (server) => {
      const wire = new Wire(connectionTo(server));
      wire.send('hello version=1\nopen id=1 op=download path=large window=10000\n');
      await wire.line();
      await wire.line();
      let received = 0;
      for (;;) {
        const line = await wire.line();
        const length = /^data id=1 length=(\d+)/.exec(line ?? '')?.[1];
        if (length === undefined) {
          expect(line).toMatch(/^result /);
          break;
        }
        received += (await wire.payload(Number(length))).length;
        await pause(140);
        wire.send(`ack id=1 offset=${received} window=10000\n`);
      }
      expect(received).toBe(100_000);
    }));

  it('loses its download when an acknowledgement takes longer than the stall limit', () =>
    withServer({ bytes: 100_000, timeouts: { stallMs: 150 } }, async (server) => {
      const wire = new Wire(connectionTo(server));
      wire.send('hello version=1\nopen id=1 op=download path=large window=0\n');
      await wire.line();
      await wire.line();
      expect(await wire.line()).toMatch(/^error code=ETIMEDOUT id=1 /);
      expect(performance.now()).toBeGreaterThanOrEqual(150);
    }));
});

describe('a slow link', () => {
  it('carries a download that takes ten times the keep-alive timeout', () =>
    withServer({ bytes: 6_000_000, keepAlive: { intervalMs: 200, timeoutMs: 600 } }, async (server) => {
      // A megabyte a second.
      const client = new FileClient({ connect: () => connectionTo(server, narrowPair(20_000, 20)) });
      const since = performance.now();
      expect(await client.readFile('large')).toHaveLength(6_000_000);
      expect(performance.now() - since).toBeGreaterThan(5_900);
      client.destroy();
    }));

  it('carries the last bytes of a closing server in a pipeline', () =>
    withServer({ bytes: 350_000 }, async (server) => {
      let received = '';
      let arrived = (): void => undefined;
      const last = new Promise<void>((resolve) => (arrived = resolve));
      const far = new Duplex({
        writableHighWaterMark: 1_048_576,
        read: () => undefined,
        write: (chunk: Buffer, _encoding, done) => {
          // 100 kB a second.
          void pause(chunk.length / 100).then(() => {
            received += chunk.toString();
            if (received.includes('result id=1')) arrived();
            done();
          });
        },
        destroy: (error, done) => {
          arrived();
          done(error);
        },
      });
      const over = pipeline(far, server.endpoint(), far).catch((error: unknown) => error);
      far.push('hello version=1\nopen id=1 op=download path=large\n');
      await pause(100);
      const closed = server.close({ graceMs: 8_000 });
      await last;
      far.destroy();
      await over;
      await closed;
      expect(received).toContain('result id=1');
    }));
});
