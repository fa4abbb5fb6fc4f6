/** What ends a stream method before its time, and what each end learns of it. */
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  MemoryStorage,
  TransferError,
  type MethodContext,
  type MethodStream,
  type StreamMethodHandler,
} from '../../../src/index.js';
import { codecNames } from '../../abuse/wire/frames/loose-frame.js';
import { Wire } from '../../support/frames/wire.js';
import { serve, type Served } from '../../support/servers/serve.js';

type Handler = StreamMethodHandler;
type Context = MethodContext;

/** What a handler has met. */
interface Call {
  readonly duplex: Duplex;
  readonly context: Context;
}

/** A server whose method does what the test says, and tells the test of each call. */
async function withMethod(
  handler: Handler,
): Promise<Served & { called: Promise<Call>; failed: Promise<unknown> }> {
  const served = await serve({ storage: new MemoryStorage() });
  let tell: (call: Call) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const called = new Promise<Call>((resolve) => (tell = resolve));
  const failed = new Promise<unknown>((resolve) => (fail = resolve));
  served.server.streamMethod('method', async (duplex, input, context) => {
    tell({ duplex, context });
    try {
      return await handler(duplex, input, context);
    } catch (thrown) {
      fail(thrown);
      throw thrown;
    }
  });
  return { ...served, called, failed };
}

const echo = (duplex: Duplex): Promise<void> => pipeline(duplex, duplex);

/** The error of a stream, which its promise, its event and its closing tell alike. */
async function failureOf(stream: MethodStream): Promise<unknown> {
  const [event, result] = await Promise.all([
    new Promise((resolve) => stream.once('error', resolve)),
    stream.result.then(
      () => undefined,
      (error: unknown) => error,
    ),
  ]);
  expect(result).toBe(event);
  expect([stream.destroyed, stream.readableEnded, stream.writableFinished]).toEqual([true, false, false]);
  return event;
}

describe.each(codecNames)('in %s', (codec) => {
  it('a lost connection fails both ends with ECONNRESET, and the method is not called again', async () => {
    const { server, port, connect, called, failed } = await withMethod(echo);
    const sockets: Socket[] = [];
    const client = connect({
      codec,
      port: undefined,
      reconnect: { minDelayMs: 1 },
      connect: () => {
        const socket = net.connect(port, '127.0.0.1');
        sockets.push(socket);
        return socket;
      },
    });
    let calls = 0;
    server.on('requestStart', ({ operation }) => (calls += operation === 'stream' ? 1 : 0));
    const stream = client.open('method');
    stream.write('x');
    await once(stream, 'readable');
    const failure = failureOf(stream);
    sockets[0]?.resetAndDestroy();
    expect(await failure).toMatchObject({ code: 'ECONNRESET', operation: 'stream', outcomeUnknown: true });
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    const { context, duplex } = await called;
    expect([context.signal.aborted, duplex.destroyed]).toEqual([true, true]);
    expect(await client.exists('x')).toBe(false);
    expect([calls, sockets.length]).toEqual([1, 2]);
  });

  it('a handler that throws fails the stream with its error, whatever it has sent', async () => {
    const { connect } = await withMethod(async (duplex) => {
      duplex.write('half');
      await text(duplex);
      throw new TransferError('EDQUOT', 'No more today.');
    });
    const stream = connect({ codec }).open('method');
    const failure = failureOf(stream);
    stream.end('x');
    expect(await failure).toMatchObject({ code: 'EDQUOT', reason: 'No more today.', operation: 'stream' });
  });

  it('a client that destroys its stream aborts the handler, whose stream fails with ECANCELED', async () => {
    const { connect, called, failed } = await withMethod(echo);
    const client = connect({ codec });
    const stream = client.open('method');
    stream.write('x');
    await once(stream, 'readable');
    stream.destroy();
    expect(await failed).toMatchObject({ code: 'ECANCELED' });
    const { context, duplex } = await called;
    expect([context.signal.aborted, duplex.destroyed]).toEqual([true, true]);
    await expect(stream.result).rejects.toMatchObject({ code: 'ECANCELED' });
    // The connection goes on.
    expect(await client.ping()).toBeGreaterThan(0);
  });

  it('a handler that destroys its stream and returns fails the stream of the client', async () => {
    const { connect } = await withMethod((duplex) => void duplex.destroy());
    const failure = await failureOf(connect({ codec }).open('method'));
    expect(failure).toMatchObject({ code: 'ECONNRESET', retryable: false });
  });

  it('a method that does not exist fails the stream', async () => {
    const { connect } = await withMethod(echo);
    const failure = await failureOf(connect({ codec }).open('other'));
    expect(failure).toMatchObject({ code: 'ENOENT', operation: 'stream' });
  });
});

it('a handler that destroys its stream, but does not return, fails the stream of the client', async () => {
  const { connect, called } = await withMethod(async (duplex) => {
    duplex.destroy(new TransferError('EDQUOT'));
    await new Promise(() => undefined);
  });
  expect(await failureOf(connect().open('method'))).toMatchObject({ code: 'EDQUOT' });
  expect((await called).context.signal.aborted).toBe(true);
});

it('the error that a handler throws counts more than the one that has destroyed its stream', async () => {
  const { connect } = await withMethod(async (duplex) => {
    await pipeline(duplex, createGunzip(), duplex).catch((cause: unknown) => {
      throw new TransferError('EINVAL', 'Not gzip.', { cause });
    });
  });
  const stream = connect().open('method');
  const failure = failureOf(stream);
  stream.end('no gzip');
  expect(await failure).toMatchObject({ code: 'EINVAL', reason: 'Not gzip.' });
});

describe('the signal of the caller', () => {
  it.each(['before the request', 'before accept', 'while the method runs', 'after its result'] as const)(
    'ends the stream %s',
    async (when) => {
      const { connect, failed } = await withMethod(when === 'after its result' ? answer : echo);
      const controller = new AbortController();
      if (when === 'before the request') controller.abort();
      const client = connect();
      if (when === 'after its result') await client.ping();
      const stream = client.open('method', undefined, { signal: controller.signal });
      const failure = failureOf(stream);
      if (when === 'while the method runs') {
        stream.write('x');
        await once(stream, 'readable');
      }
      // The result arrives before this answer.
      if (when === 'after its result') await Promise.all([once(stream, 'readable'), client.stat('/')]);
      controller.abort();
      expect(await failure).toMatchObject({ name: 'AbortError', code: 'ECANCELED' });
      if (when === 'while the method runs') expect(await failed).toMatchObject({ code: 'ECANCELED' });
      expect(await client.ping()).toBeGreaterThan(0);
    },
  );

  it('has no effect on a stream that has ended', async () => {
    const { connect } = await withMethod(() => 7);
    const controller = new AbortController();
    const stream = connect().open('method', undefined, { signal: controller.signal });
    stream.resume().end();
    await once(stream, 'close');
    controller.abort();
    expect([await stream.result, stream.errored]).toEqual([7, null]);
  });
});

it('timeoutMs limits the whole method', async () => {
  const { connect, failed } = await withMethod(echo);
  const stream = connect().open('method', undefined, { timeoutMs: 20 });
  expect(await failureOf(stream)).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  expect(await Promise.race([failed, stream.result.catch(() => 'not called')])).toBeDefined();
});

it('leaving a loop cancels the method', async () => {
  const { connect, failed } = await withMethod(async (duplex) => {
    for (;;) if (!duplex.write('log')) await once(duplex, 'drain');
  });
  for await (const chunk of connect().open('method')) {
    expect(chunk).toBeDefined();
    break;
  }
  expect(await failed).toMatchObject({ code: 'ECANCELED' });
});

it('a client that closes leaves running methods the time of its grace', async () => {
  const { connect } = await withMethod(echo);
  const client = connect();
  const stream = client.open('method');
  stream.write('x');
  await once(stream, 'readable');
  const failure = failureOf(stream);
  await client.close({ graceMs: 1 });
  expect(await failure).toMatchObject({ code: 'ESHUTDOWN' });
});

it('a server that closes ends a method that does not end by itself with ESHUTDOWN', async () => {
  const { server, connect, failed } = await withMethod(echo);
  const stream = connect().open('method');
  stream.write('x');
  await once(stream, 'readable');
  const failure = failureOf(stream);
  await server.close({ graceMs: 1 });
  expect(await failure).toMatchObject({ code: 'ESHUTDOWN' });
  expect(await failed).toMatchObject({ code: 'ESHUTDOWN' });
});

it.each([
  ['before its end', 'data id=1 length=1\nx\n'],
  ['after its end, while output waits for a window', 'data id=1 length=1\nx\nend id=1 size=1\n'],
])('a client that closes its direction %s gets ECONNRESET, and the connection ends', async (_when, said) => {
  const { port, failed } = await withMethod(echo);
  const wire = await Wire.connect(port);
  wire.send('hello version=1\nopen id=1 op=stream method=method window=0\n');
  await wire.line();
  expect(await wire.line()).toMatch(/^accept id=1 /);
  wire.socket.end(said);
  expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  expect(await wire.rest()).toMatch(/^error code=ECONNRESET id=1 /);
});

it('wrong options are refused where they are written', async () => {
  const { connect } = await withMethod(echo);
  const client = connect();
  expect(() => client.open('method', 1, { signals: 1 } as object)).toThrow(TypeError);
  expect(() => client.open('method', 1, { timeoutMs: -1 })).toThrow(TypeError);
});

/** Sends a byte, and then more than a reader has asked for. */
function answer(duplex: Duplex): string {
  duplex.write(Buffer.alloc(1_000_000));
  return 'sent';
}
