/** What bounds the memory of a stream method, and how long it waits for the other end. Waits are in virtual time. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable, type Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  FileClient,
  FileServer,
  MemoryStorage,
  type FileClientOptions,
  type FileServerOptions,
  type StreamMethodHandler,
} from '../../../src/index.js';
import { inVirtualTime, pause } from '../../support/doubles/virtual-time.js';
import { connectionTo, serve } from '../../support/servers/serve.js';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const LONG_MS = HOUR_MS / 2;

/** A window of 2 MiB, the buffers of the Duplexes, the streams around them and the sockets. */
const MAX_HELD_BYTES = 8 * MIB;

const piece = randomBytes(64 * 1024);

/** 32 MiB, of which `bytes` were read. */
function source(): Readable & { bytes: number } {
  const readable = new Readable({
    read() {
      this.push(readable.bytes < 32 * MIB ? piece : null);
      readable.bytes += piece.length;
    },
  }) as Readable & { bytes: number };
  readable.bytes = 0;
  return readable;
}

/** Waits until a source is no longer read, as far as the answers to many pings tell. */
async function settled(
  client: FileClient,
  { bytes }: { bytes: number },
  from: { bytes: number },
): Promise<void> {
  for (let before = bytes, quiet = 0; quiet < 20; quiet += 1, before = from.bytes) {
    await client.ping();
    if (from.bytes !== before) quiet = 0;
  }
}

describe('the memory of a stream', () => {
  it('is bounded while the handler does not read', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    server.streamMethod('method', async (duplex) => {
      await released;
      return (await buffer(duplex)).length;
    });
    const client = connect();
    const stream = client.open('method');
    const from = source();
    const sent = pipeline(from, stream.resume());
    await settled(client, from, from);
    expect(from.bytes).toBeGreaterThan(MIB);
    expect(from.bytes).toBeLessThan(MAX_HELD_BYTES);
    release();
    await sent;
    expect(await stream.result).toBe(32 * MIB);
  });

  it('is bounded while the client does not read', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const from = source();
    server.streamMethod('method', (duplex) => pipeline(from, duplex));
    const client = connect();
    const stream = client.open('method');
    await once(stream, 'readable');
    await settled(client, from, from);
    expect(from.bytes).toBeLessThan(MAX_HELD_BYTES);
    expect((await buffer(stream)).length).toBe(32 * MIB);
    await stream.result;
  });
});

interface Ends {
  readonly server: FileServer;
  readonly client: FileClient;
}

/** A server with a method, and a client of it, in virtual time. */
async function withMethod(
  handler: StreamMethodHandler,
  work: (ends: Ends) => Promise<void>,
  options: { server?: FileServerOptions; client?: FileClientOptions } = {},
): Promise<void> {
  await inVirtualTime(10 * HOUR_MS, async () => {
    const server = new FileServer({ storage: new MemoryStorage(), ...options.server });
    server.streamMethod('method', handler);
    const client = new FileClient({
      connect: () => connectionTo(server),
      reconnect: { maxAttempts: 0 },
      ...options.client,
    });
    await work({ server, client });
    client.destroy();
    server.destroy();
    await server.close();
    await pause(60_000);
  });
}

const echo = (duplex: Duplex): Promise<void> => pipeline(duplex, duplex);

describe('time', () => {
  it('does not end a stream on which both ends are silent', () =>
    withMethod(echo, async ({ client }) => {
      const stream = client.open('method');
      for (const word of ['a', 'b']) {
        stream.write(word);
        expect(String((await once(stream, 'data'))[0])).toBe(word);
        await pause(LONG_MS);
      }
      stream.end();
      await stream.result;
    }));

  it('does not end a stream whose client has ended its direction, while the method is silent', () =>
    withMethod(
      async (duplex) => {
        await pause(LONG_MS);
        duplex.write('late');
      },
      async ({ client }) => {
        const stream = client.open('method');
        stream.end();
        expect(String(await buffer(stream))).toBe('late');
        await stream.result;
      },
    ));

  it('does not end a stream of which a handler reads little by little', () =>
    withMethod(
      async (duplex) => {
        for await (const chunk of duplex as AsyncIterable<Buffer>) await pause(chunk.length / 100);
      },
      async ({ client }) => {
        const stream = client.open('method').resume();
        await pipeline(Readable.from(Array.from({ length: 200 }, () => piece)), stream);
      },
    ));

  it('ends a stream whose client takes nothing of what the method has sent', () =>
    withMethod(
      async (duplex) => {
        await pipeline(source(), duplex);
      },
      async ({ client }) => {
        const stream = client.open('method');
        await expect(stream.result).rejects.toMatchObject({ code: 'ETIMEDOUT', operation: 'stream' });
      },
      { server: { timeouts: { stallMs: 1_000 } } },
    ));

  it('ends a stream whose handler takes nothing of what the client has sent', () =>
    withMethod(
      async (_duplex, _input, { signal }) => {
        await once(signal, 'abort');
      },
      async ({ client }) => {
        const stream = client.open('method');
        stream.resume();
        await expect(pipeline(source(), stream)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      },
      { client: { timeouts: { stallMs: 1_000 } } },
    ));

  it('ends a method after the timeoutMs of its options', () =>
    inVirtualTime(HOUR_MS, async () => {
      const server = new FileServer({ storage: new MemoryStorage() });
      let reason: unknown;
      server.streamMethod('method', { timeoutMs: 5_000 }, async (duplex, _input, { signal }) => {
        signal.addEventListener('abort', () => (reason = signal.reason as unknown));
        await echo(duplex);
      });
      const client = new FileClient({ connect: () => connectionTo(server) });
      await expect(client.open('method').result).rejects.toMatchObject({
        code: 'ETIMEDOUT',
        retryable: false,
      });
      expect(reason).toMatchObject({ code: 'ETIMEDOUT' });
      client.destroy();
      server.destroy();
      await server.close();
      await pause(60_000);
    }));
});
