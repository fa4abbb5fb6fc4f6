/** Requests that wait in a client, and the one terminal frame of those that do not. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, MemoryStorage } from '../../../src/index.js';
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Codec } from '../../../src/codecs/codec.js';
import { type TransferError } from '../../../src/errors.js';
import { serve } from '../../support/servers/serve.js';
import { Pair, says } from '../../support/doubles/sessions.js';
import { Wire } from '../../support/frames/wire.js';
import { WELCOME, storageWith } from '../../support/servers/unfriendly.js';

describe('the waiting requests of a session', () => {
  /** A pair that has greeted, whose server serves 16 channels at once, and 20 requests: 16 opened, 4 waiting. */
  function crowded(): { pair: Pair; outcomes: unknown[] } {
    const pair = new Pair(builtinCodecs.text, { maxChannels: 16 });
    pair.exchange();
    const outcomes: unknown[] = [];
    for (let index = 0; index < 20; index += 1) {
      pair.client.request({ op: 'download', path: `p${index}` }, 'body', {
        onClose: (outcome) => outcomes.push(outcome),
      });
    }
    return { pair, outcomes };
  }

  it('are failed when the server ends the connection', () => {
    const { pair, outcomes } = crowded();
    pair.client.receiveEnd();
    expect(outcomes).toHaveLength(20);
    expect(pair.clientEnded).toBeDefined();
  });

  it('are failed when the session fails', () => {
    const { pair, outcomes } = crowded();
    pair.client.receive(Buffer.from('welcome again\n'));
    expect(pair.clientEnded).toBeDefined();
    expect(outcomes).toHaveLength(20);
  });

  it('are not opened on a connection after goaway', () => {
    const { pair, outcomes } = crowded();
    says(pair.client);
    pair.client.receive(Buffer.from('goaway lastId=0 check=3505968180\n'));
    expect(says(pair.client).filter((line) => line.startsWith('open'))).toEqual([]);
    expect(outcomes).toHaveLength(20);
    expect(outcomes.map((outcome) => (outcome as TransferError).code)).toEqual(
      Array.from({ length: 20 }, () => 'ESHUTDOWN'),
    );
  });

  it('include a ping, which fails when the server ends the connection', async () => {
    const pair = new Pair();
    pair.exchange();
    const ping = pair.client.ping();
    says(pair.client);
    pair.client.receiveEnd();
    expect(pair.clientEnded).toBeDefined();
    await expect(ping).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('end when a server ends its side of the connection but continues to read', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      let asked = '';
      socket.on('data', (chunk) => {
        asked += chunk.toString();
        if (asked.includes('id=31 ') && !socket.writableEnded) socket.end(WELCOME.replace('64\n', '16\n'));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new FileClient({
      port: (server.address() as AddressInfo).port,
      codec: 'text',
      reconnect: false,
    });
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => client.stat('a')));
    expect(all.map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
  });
});

describe('the terminal frame of a channel', () => {
  it('is the error that answers a frame of an unknown type', () => {
    const pair = new Pair();
    pair.client.request({ op: 'download', path: 'a' }, 'body', { onClose: () => undefined });
    pair.exchange();
    pair.asked[0]?.channel.accept({});
    pair.asked[0]?.channel.send([Buffer.alloc(200_000, 120)], () => undefined);
    says(pair.server, 1);
    pair.server.receive(Buffer.from('future id=1\n'));
    const said = says(pair.server).map((line) => line.slice(0, 10));
    expect(said.some((line) => line.startsWith('error code'))).toBe(true);
    const after = said.slice(said.findIndex((line) => line.startsWith('error code')) + 1);
    expect(after.filter((line) => line.startsWith('data'))).toEqual([]);
  });

  it('ends the request on the server after a frame of an unknown type', async () => {
    const { server, port, connect } = await serve({ storage: new MemoryStorage(), strategy: 'blocking' });
    const wire = await Wire.connect(port);
    wire.send('hello version=1\nopen id=1 op=upload path=x\n');
    await wire.line();
    await wire.line();
    wire.send('future id=1\n');
    expect(await wire.line()).toMatch(/^error code=ENOTSUP id=1/);
    expect(await connect().exists('x')).toBe(false);
    expect(server.stats().activeRequests).toBe(0);
  });

  it('is an error when the codec cannot write the result, and frees the channel', async () => {
    const base = builtinCodecs.json;
    const strict: Codec = {
      name: 'strict',
      payloadTrailer: base.payloadTrailer,
      decoder: (sink, limits) => base.decoder(sink, limits),
      encode: (frame) => {
        for (const value of Object.values(frame)) {
          if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError('no integer');
        }
        return base.encode(frame);
      },
    };
    const storage = storageWith({
      stat: (path) => Promise.resolve({ path, kind: 'file', size: NaN, mtime: new Date() }),
    });
    const { server, connect } = await serve({ storage, codec: strict });
    const client = connect({ codec: 'json' });
    await expect(client.stat('x')).rejects.toMatchObject({ code: 'EIO' });
    expect(server.stats()).toMatchObject({ activeRequests: 0, failedRequests: 1 });
  });
});
