import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable, Transform, Writable, type Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { serve, type Served } from '../../support/servers/serve.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;

async function served(strategy: 'blocking' | 'non-blocking' = 'non-blocking'): Promise<Served> {
  return serve({ storage: new MemoryStorage(), strategy });
}

const echo = (duplex: Duplex): Promise<void> => pipeline(duplex, duplex);

describe.each(codecs)('a stream method in the codec %s', (codec) => {
  it('carries bytes both ways, and ends with an output', async () => {
    const { server, connect } = await served();
    server.streamMethod('upcase', {}, async (duplex, input) => {
      let bytes = 0;
      for await (const chunk of duplex as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        duplex.write(chunk.toString().toUpperCase());
      }
      duplex.write('!');
      return { bytes, input };
    });
    const stream = connect({ codec }).open('upcase', { a: ['ü', null] });
    stream.write('hello ');
    stream.end('wire');
    expect(await text(stream)).toBe('HELLO WIRE!');
    expect(await stream.result).toEqual({ bytes: 10, input: { a: ['ü', null] } });
    expect(stream.writableFinished).toBe(true);
  });

  it('carries 64 MiB both ways at the same time', async () => {
    const { server, connect } = await served();
    server.streamMethod('echo', {}, echo);
    const stream = connect({ codec }).open('echo');
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    const piece = randomBytes(1 << 20);
    let bytes = 0;
    await pipeline(
      Readable.from(
        (function* () {
          for (let count = 0; count < 64; count++) {
            const next = Buffer.from(piece);
            next.writeUInt32BE(count);
            sent.update(next);
            yield next;
          }
        })(),
      ),
      stream,
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          received.update(chunk);
          done();
        },
      }),
    );
    expect(bytes).toBe(64 << 20);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    expect(await stream.result).toBeUndefined();
  });

  it('passes bytes through a pipeline of the handler', async () => {
    const { server, connect } = await served();
    server.streamMethod('gzip', {}, (duplex) => pipeline(duplex, createGzip(), duplex));
    const data = Buffer.alloc(3_000_000, 'text ');
    const stream = connect({ codec }).open('gzip');
    const unzipped = stream.pipe(createGunzip());
    stream.end(data);
    expect((await buffer(unzipped)).equals(data)).toBe(true);
    await stream.result;
  });
});
(void once, Transform);
