import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { until } from '../../support/until.js';
import { ChaosProxy, type ChaosPlan } from './chaos-proxy.js';
import type { ConnectionFaults } from './connection-faults.js';
import { Random } from '../fixtures/random.js';

describe('a connection with injected faults', () => {
  it('carries all bytes both ways, and counts them', async () => {
    const { proxy, client } = await echoed({});
    const bytes = bytesOf(1_000_000);
    client.end(bytes);
    expect(bytes.equals(await buffer(client))).toBe(true);
    expect(proxy.carried).toEqual({ toServer: 1_000_000, toClient: 1_000_000 });
    expect(proxy.links[0]?.bytes).toEqual(proxy.carried);
  });

  it('loses nothing with small pieces, latency and a bandwidth limit', async () => {
    const { client } = await echoed({ sliceBytes: 700, latencyMs: 30, bytesPerSecond: 1_000_000 });
    const bytes = bytesOf(50_000);
    const began = performance.now();
    client.end(bytes);
    expect(bytes.equals(await buffer(client))).toBe(true);
    // There and back: twice the latency, and 50 ms for the bytes, which the way back overlaps.
    expect(performance.now() - began).toBeGreaterThanOrEqual(100);
  });

  it('delivers pieces of random sizes', async () => {
    const sizes: number[] = [];
    const { client } = await carried({ sliceBytes: 10 }, (socket) => {
      socket.on('data', (chunk) => sizes.push(chunk.length));
      socket.on('end', () => socket.end());
    });
    client.end(bytesOf(2_000));
    await buffer(client);
    expect(sizes.length).toBeGreaterThan(100);
  });

  it('damages the chosen bytes and no others', async () => {
    const { client } = await echoed({
      flips: [
        { direction: 'toServer', at: 70_000, bits: 0x81 },
        { direction: 'toClient', at: 3, bits: 1 },
        { direction: 'toClient', at: 1_000_000, bits: 255 },
      ],
    });
    const bytes = bytesOf(100_000);
    client.end(bytes);
    const expected = Buffer.from(bytes);
    expected[70_000]! ^= 0x81;
    expected[3]! ^= 1;
    expect(expected.equals(await buffer(client))).toBe(true);
  });

  it.each([0, 1, 70_001])('is reset after exactly %d bytes to the server', async (afterBytes) => {
    const { proxy, client } = await echoed({ cut: { direction: 'toServer', afterBytes, by: 'reset' } });
    client.write(bytesOf(100_000));
    await closed(client);
    expect(proxy.links[0]?.bytes.toServer).toBe(afterBytes);
    expect(proxy.cuts).toBe(1);
  });

  it('reports a reset to both ends', async () => {
    let told: unknown;
    const { proxy, client } = await carried({}, (socket) => {
      socket.on('error', (error) => (told = error)).resume();
      socket.write('x');
    });
    // If a reset arrives together with bytes, libuv reports it as an end.
    await once(client.resume(), 'data');
    proxy.cutAll('reset');
    const [error] = await once(client, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    await until(() => told !== undefined);
    expect(told).toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends after the chosen number of bytes to the client, without an error', async () => {
    const { client } = await echoed({ cut: { direction: 'toClient', afterBytes: 60_000, by: 'end' } });
    client.write(bytesOf(100_000));
    expect((await buffer(client)).equals(bytesOf(100_000).subarray(0, 60_000))).toBe(true);
  });

  it('can end in one direction while the other stays open', async () => {
    const { client } = await carried(
      { cut: { direction: 'toServer', afterBytes: 3, by: 'half' } },
      (socket) => {
        let heard = '';
        socket.on('data', (chunk) => (heard += chunk.toString()));
        socket.on('end', () => socket.end(`heard ${heard}`));
      },
    );
    client.write('abcdef');
    expect((await buffer(client)).toString()).toBe('heard abc');
  });

  it('can become silent both ways without closing', async () => {
    const sockets: Socket[] = [];
    const { proxy, client } = await carried(
      { silence: { direction: 'toServer', afterBytes: 4 } },
      (socket) => {
        sockets.push(socket);
        socket.on('data', (chunk) => socket.write(chunk));
      },
    );
    let heard = 0;
    client.on('data', (chunk) => (heard += chunk.length));
    client.end('123456789');
    await until(() => proxy.links[0]?.state === 'silent');
    // A second connection through the same proxy shows that the first had its chance.
    const other = connect({ port: proxy.port, host: '127.0.0.1' });
    other.write('x');
    await until(() => proxy.links[1]?.state !== undefined);
    await settled();
    expect(sockets[0]?.readableEnded).toBe(false);
    expect(sockets[0]?.destroyed).toBe(false);
    expect(client.destroyed).toBe(false);
    expect(heard).toBeLessThanOrEqual(4);
    other.destroy();
  });

  it('resets its client when no server listens', async () => {
    const proxy = await listening(1, {});
    const client = connect({ port: proxy.port, host: '127.0.0.1' });
    client.on('error', () => undefined);
    await closed(client);
    expect(proxy.carried.toServer).toBe(0);
  });
});

describe('the chaos proxy', () => {
  it('reports when the chosen number of bytes has been carried', async () => {
    const { proxy, client } = await echoed({});
    const carriedSome = proxy.whenCarried('toServer', 10);
    client.write('12345');
    client.write('67890');
    await carriedSome;
    expect(proxy.carried.toServer).toBe(10);
  });

  it('cuts all open connections', async () => {
    const { proxy, client } = await echoed({});
    client.write('1');
    await once(client, 'data');
    proxy.cutAll('reset');
    await closed(client);
    expect(proxy.links[0]?.state).not.toBe('open');
  });

  it('leaves no socket and no timer after it is closed', async () => {
    const timers = resources().filter((kind) => kind === 'Timeout');
    const { proxy, client, stop } = await echoed({ latencyMs: 10_000, sliceBytes: 10 });
    client.write(bytesOf(1_000));
    await until(() => proxy.links.length === 1);
    proxy.silenceAll();
    await proxy.close();
    await stop();
    await until(() => !resources().some((kind) => kind.startsWith('TCP')));
    expect(resources()).toEqual(timers);
  });
});

describe('the random generator', () => {
  it('repeats its values for the same seed, and has others for another seed', () => {
    const draw = (seed: number): number[] =>
      Array.from(
        { length: 5 },
        (
          (random) => () =>
            random.next()
        )(new Random(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const parent = new Random(7);
    const child = parent.fork(3);
    parent.next();
    expect(parent.fork(3).next()).toBe(child.next());
    expect(parent.fork(4).next()).not.toBe(new Random(7).fork(3).next());
  });

  it('reaches both ends of a range, and nothing beyond', () => {
    const random = new Random(1);
    const drawn = new Set(Array.from({ length: 1_000 }, () => random.integer(-1, 2)));
    expect([...drawn].sort()).toEqual([-1, 0, 1, 2]);
  });
});

interface Carried {
  readonly proxy: ChaosProxy;
  readonly client: Socket;
  stop(): Promise<void>;
}

function echoed(fate: ConnectionFaults): Promise<Carried> {
  return carried(fate, (socket) => socket.pipe(socket));
}

/** A client of a server through a proxy; the fate is the first connection's. */
async function carried(fate: ConnectionFaults, serve: (socket: Socket) => unknown): Promise<Carried> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await listening(port, { fate: (number) => (number === 0 ? fate : {}) });
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  const stop = async (): Promise<void> => {
    for (const socket of [client, ...sockets]) socket.destroy();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(stop);
  return { proxy, client, stop };
}

async function listening(port: number, plan: ChaosPlan): Promise<ChaosProxy> {
  const proxy = await new ChaosProxy(port, plan).listen();
  onTestFinished(() => proxy.close().catch(() => undefined));
  return proxy;
}

async function closed(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.once('close', resolve));
}

function resources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|Timeout|Immediate)/.test(kind));
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
