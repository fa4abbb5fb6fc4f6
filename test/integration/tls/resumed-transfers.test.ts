/** Transfers over TLS whose connection is cut: they resume over the next one. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage, MemoryStorage } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { cuttingProxy, type Way } from '../../support/servers/cutting-proxy.js';
import { quick } from '../../support/servers/scripted.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const bytes = bytesOf(6_000_000);
const modes = ['persistent', 'on-demand'] as const;

async function served(way: Way) {
  const storage = new DirectoryStorage(await temporaryDirectory());
  const { server, port, connect } = await serve({ storage, tls: certificate });
  const proxy = await cuttingProxy(port, { bytes: 2_000_000, way, times: 3 });
  const options = { port: proxy.port, tls: trusting, reconnect: quick };
  return { server, connect, options, proxy };
}

describe.each(modes)('over TLS, with connections that are %s', (connection) => {
  it.each(['text', 'binary'] as const)('a download resumes where it was cut, in %s', async (codec) => {
    const { server, connect, options, proxy } = await served('toClient');
    await connect({ tls: trusting }).writeFile('a', bytes);
    const received: Buffer[] = [];
    await pipeline(connect({ ...options, connection, codec }).download('a'), async (source) => {
      for await (const chunk of source) received.push(chunk as Buffer);
    });
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    expect(proxy.cuts()).toBeGreaterThanOrEqual(2);
    // Stored bytes were not sent again, except those in flight.
    expect(server.stats().bytesSent).toBeLessThan(2 * bytes.length);
  });

  it.each(['text', 'binary'] as const)('an upload resumes where it was cut, in %s', async (codec) => {
    const { connect, options, proxy } = await served('toServer');
    const client = connect({ ...options, connection, codec });
    const pieces = Array.from({ length: 60 }, (_, index) =>
      bytes.subarray(index * 100_000, (index + 1) * 100_000),
    );
    await pipeline(Readable.from(pieces), client.upload('a'));
    expect(bytes.equals(await connect({ tls: trusting }).readFile('a'))).toBe(true);
    expect(proxy.cuts()).toBeGreaterThanOrEqual(2);
  });
});

describe('an on-demand client over TLS', () => {
  it('closes its unused connection, and opens another for the next request', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), tls: certificate });
    const client = connect({ tls: trusting, connection: 'on-demand', timeouts: { idleMs: 10 } });
    for (let round = 1; round <= 3; round += 1) {
      const gone = new Promise((resolve) => client.once('disconnect', resolve));
      await client.writeFile('a', 'A');
      expect(await gone).toBeUndefined();
      expect(server.stats().totalConnections).toBe(round);
    }
  });
});
