/** Stream methods: bytes both ways, each direction with its own end, and an output. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable, Writable, type Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type StreamMethodHandler } from '../../../src/index.js';
import { codecNames } from '../../abuse/wire/frames/loose-frame.js';
import { serve, type Served } from '../../support/servers/serve.js';

const MIB = 1024 * 1024;
const TOTAL_MIB = 64;

type Handler = StreamMethodHandler;

async function withMethod(handler: Handler): Promise<Served> {
  const served = await serve({ storage: new MemoryStorage() });
  served.server.streamMethod('method', handler);
  return served;
}

const echo = (duplex: Duplex): Promise<void> => pipeline(duplex, duplex);

/** Different bytes in each MiB. */
function* pieces(hash: ReturnType<typeof createHash>): Generator<Buffer> {
  const piece = randomBytes(MIB);
  for (let count = 0; count < TOTAL_MIB; count++) {
    const next = Buffer.from(piece);
    next.writeUInt32BE(count);
    hash.update(next);
    yield next;
  }
}

describe.each(codecNames)('a stream method in %s', (codec) => {
  it('carries bytes both ways, and ends with an output', async () => {
    const { connect } = await withMethod(async (duplex, input) => {
      let bytes = 0;
      for await (const chunk of duplex as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        duplex.write(chunk.toString().toUpperCase());
      }
      duplex.write('!');
      return { bytes, input };
    });
    const stream = connect({ codec }).open('method', { a: ['ü', null] });
    stream.write('hello ');
    stream.end('wire');
    expect(await text(stream)).toBe('HELLO WIRE!');
    expect(await stream.result).toEqual({ bytes: 10, input: { a: ['ü', null] } });
  });

  it('carries 64 MiB both ways at the same time', { timeout: 60_000 }, async () => {
    const { connect } = await withMethod(echo);
    const stream = connect({ codec }).open('method');
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    let bytes = 0;
    const target = new Writable({
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        received.update(chunk);
        done();
      },
    });
    await pipeline(Readable.from(pieces(sent)), stream, target);
    expect(bytes).toBe(TOTAL_MIB * MIB);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    expect(await stream.result).toBeUndefined();
  });

  it('passes its bytes through a pipeline of the handler', async () => {
    const { connect } = await withMethod((duplex) => pipeline(duplex, createGzip(), duplex));
    const data = Buffer.alloc(3 * MIB, 'text ');
    const stream = connect({ codec }).open('method');
    const unzipped = stream.pipe(createGunzip());
    stream.end(data);
    expect((await buffer(unzipped)).equals(data)).toBe(true);
    await stream.result;
  });

  it('may go on to send after the client has ended its direction', async () => {
    const { connect } = await withMethod(async (duplex) => {
      const heard = await text(duplex);
      duplex.write(`heard ${heard}`);
    });
    const stream = connect({ codec }).open('method');
    stream.end('all');
    expect(await text(stream)).toBe('heard all');
    await stream.result;
  });

  it('may go on to receive after it has ended its direction', async () => {
    const { connect } = await withMethod(async (duplex) => {
      duplex.end('ready');
      return await text(duplex);
    });
    const stream = connect({ codec }).open('method');
    expect(await text(stream)).toBe('ready');
    expect(stream.writable).toBe(true);
    stream.end('later');
    expect(await stream.result).toBe('later');
  });

  it('emits finish only when the method has succeeded', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { connect } = await withMethod(async (duplex) => {
      duplex.end();
      await text(duplex);
      await released;
      return 1;
    });
    const stream = connect({ codec }).open('method');
    stream.resume().end('x');
    await once(stream, 'end');
    expect(stream.writableFinished).toBe(false);
    release();
    await once(stream, 'finish');
    expect(await stream.result).toBe(1);
  });

  it('needs neither bytes nor an end of the client', async () => {
    const { connect } = await withMethod((duplex) => {
      duplex.write('log');
      return 'done';
    });
    const stream = connect({ codec }).open('method');
    const closed = once(stream, 'close');
    let log = '';
    for await (const chunk of stream as AsyncIterable<Buffer>) log += chunk.toString();
    expect([log, await stream.result]).toEqual(['log', 'done']);
    await closed;
    expect([stream.errored, stream.writableFinished]).toEqual([null, false]);
  });

  it('may send nothing at all', async () => {
    const { connect } = await withMethod(() => ({ a: 1 }));
    const client = connect({ codec });
    expect(await client.open('method').result).toEqual({ a: 1 });
    const ended = client.open('method');
    ended.end();
    expect(await ended.result).toEqual({ a: 1 });
  });
});

it('writes that the method does not read are dropped when it has ended, without an error event', async () => {
  const { connect } = await withMethod(async (duplex) => {
    for await (const chunk of duplex as AsyncIterable<Buffer>) {
      duplex.write(chunk.subarray(0, 1));
      break;
    }
    return 'enough';
  });
  const stream = connect().open('method');
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(MIB);
    })(),
  );
  let bytes = 0;
  const target = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  // As with a stream of HTTP/2 that its server has ended before.
  await expect(pipeline(endless, stream, target)).rejects.toMatchObject({
    code: 'ERR_STREAM_PREMATURE_CLOSE',
  });
  expect(await stream.result).toBe('enough');
  expect([bytes, endless.destroyed]).toEqual([1, true]);
});

it('the normal end of a loop leaves the other direction open', async () => {
  const { connect } = await withMethod(async (duplex) => {
    duplex.end('question');
    return await text(duplex);
  });
  const stream = connect().open('method');
  let question = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) question += chunk.toString();
  stream.end(`answer to ${question}`);
  expect(await stream.result).toBe('answer to question');
});

it.each(['blocking', 'non-blocking'] as const)('has its turn in the strategy %s', async (strategy) => {
  const { server, connect } = await serve({ storage: new MemoryStorage(), strategy });
  server.streamMethod('echo', echo);
  const [first, second] = [connect().open('echo'), connect().open('echo')];
  first.write('1');
  await once(first, 'readable');
  second.end('2');
  const order: string[] = [];
  const all = Promise.all([
    second.result.then(() => order.push('second')),
    first.result.then(() => order.push('first')),
  ]);
  second.resume();
  // The second one is served only after the first, unless all are served at once.
  if (strategy === 'non-blocking') await second.result;
  first.end();
  first.resume();
  await all;
  expect(order).toEqual(strategy === 'blocking' ? ['first', 'second'] : ['second', 'first']);
});

it('many streams of one connection do not wait for each other', async () => {
  const { connect } = await withMethod(echo);
  const client = connect();
  const streams = Array.from({ length: 40 }, () => client.open('method'));
  for (const stream of streams) stream.write('x');
  await Promise.all(streams.map((stream) => once(stream, 'readable')));
  for (const [index, stream] of streams.entries()) stream.end(String(index));
  const heard = await Promise.all(streams.map((stream) => text(stream)));
  expect(heard).toEqual(streams.map((_, index) => `x${index}`));
  await Promise.all(streams.map(({ result }) => result));
});
