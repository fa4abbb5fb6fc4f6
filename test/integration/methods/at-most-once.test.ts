/** A call runs once, also if connections are lost and the server is restarted. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, type CodecName, type FileServer } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { cuttable } from '../../support/udp/cuttable.js';
import { cutCalls } from './cut-calls.js';

const codecs: CodecName[] = ['text', 'json', 'xml', 'binary'];

describe.each(codecs)('calls over a connection that is cut (%s)', (codec) => {
  it.each(['toServer', 'toClient'] as const)(
    'run once each, and resolve with their outputs: %s',
    async (way) => {
      const cuts = await cutCalls({ calls: 200, cuts: 20, atOnce: 8, way, codec, bytes: 10_000 });
      expect(cuts).toBeGreaterThan(5);
    },
  );
});

const reconnect = { minDelayMs: 1, maxDelayMs: 10 };

describe('a call whose connection is lost while it runs', () => {
  it.each([1, 20_000])(
    'continues, and its output of %i bytes is the answer to the repeated call',
    async (bytes) => {
      const { server, port, connect } = await serve({ storage: new MemoryStorage() });
      const proxy = await cuttable(port);
      let runs = 0;
      let starts = 0;
      const isRepeated = new Promise<void>((resolve) => {
        server.on('requestStart', () => {
          if (++starts === 2) resolve();
        });
      });
      server.method('slow', async (_, { signal }) => {
        runs += 1;
        proxy.cut();
        // The client asks again before the end.
        await isRepeated;
        return { text: 'x'.repeat(bytes), aborted: signal.aborted };
      });
      const client = connect({ port: proxy.port, reconnect });
      expect(await client.call('slow')).toEqual({ text: 'x'.repeat(bytes), aborted: false });
      expect(runs).toBe(1);
    },
  );

  it('stops and runs again if its method is idempotent', async () => {
    const { server, port, connect } = await serve({ storage: new MemoryStorage() });
    const proxy = await cuttable(port);
    const reasons: unknown[] = [];
    let runs = 0;
    server.method('read', { idempotent: true }, async (_, { signal }) => {
      if (++runs > 1) return runs;
      const aborted = once(signal, 'abort');
      proxy.cut();
      await aborted;
      reasons.push(signal.reason);
      throw new Error('stopped');
    });
    const client = connect({ port: proxy.port, reconnect });
    expect(await client.call('read', undefined, { idempotent: true })).toBe(2);
    expect(reasons).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('rejects with outcomeUnknown if the server was restarted, and runs again only if the caller allows it', async () => {
    for (const idempotent of [false, true]) {
      const first = await serve({ storage: new MemoryStorage() });
      const second = await serve({ storage: new MemoryStorage() });
      const proxy = await cuttable(first.port);
      let runs = 0;
      const method = (server: FileServer, onRun: () => void): void => {
        server.method('change', () => {
          runs += 1;
          onRun();
          return new Promise((resolve) => void setImmediate(resolve, runs));
        });
      };
      method(first.server, () => proxy.cut(second.port));
      method(second.server, () => undefined);
      const call = first.connect({ port: proxy.port, reconnect }).call('change', 1, { idempotent });
      if (idempotent) expect(await call).toBe(2);
      else await expect(call).rejects.toMatchObject({ outcomeUnknown: true });
      expect(runs).toBe(idempotent ? 2 : 1);
    }
  });
});

it('an error of a method is the answer to the repeated call, too', async () => {
  const { server, port, connect } = await serve({ storage: new MemoryStorage() });
  const proxy = await cuttable(port);
  let runs = 0;
  server.method('fail', async () => {
    runs += 1;
    const lost = once(server, 'disconnect');
    proxy.cut();
    await lost;
    throw Object.assign(new Error('Busy.'), { code: 'EBUSY', details: { runs } });
  });
  const client = connect({ port: proxy.port, reconnect });
  await expect(client.call('fail')).rejects.toMatchObject({ code: 'EBUSY', details: { runs: 1 } });
  expect(runs).toBe(1);
});
