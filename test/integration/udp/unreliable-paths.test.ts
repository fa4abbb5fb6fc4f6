/** Bodies over paths that lose, repeat and reorder their pieces, and that break: every body arrives whole, or not at all. */
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { MemoryStorage, TransferError } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/servers/serve.js';
import { FakePath, setNetwork } from '../../support/udp/fake-paths.js';

vi.mock('../../../src/udp-path/client-path.js', () => ({
  clientPath: (options: ConstructorParameters<typeof FakePath>[0]) => new FakePath(options),
}));
vi.mock('../../../src/udp-path/server-path.js', () => ({
  serverPath: (options: ConstructorParameters<typeof FakePath>[0]) => new FakePath(options),
}));

const bytes = bytesOf(4_000_000);
const codecs = ['text', 'json', 'xml', 'binary'] as const;
const strategies = ['blocking', 'non-blocking'] as const;
const cases = codecs.flatMap((codec) => strategies.map((strategy) => [codec, strategy] as const));

async function transferBothWays(options: {
  codec: (typeof codecs)[number];
  strategy: (typeof strategies)[number];
}) {
  const { codec, strategy } = options;
  const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true, strategy });
  const client = connect({ codec, transport: 'udp' });
  await client.writeFile('a', bytes);
  const [first, second] = await Promise.all([
    client.readFile('a'),
    client.readFile('a'),
    client.writeFile('b', bytes),
    client.writeFile('c', bytes),
  ]);
  for (const read of [first, second, await client.readFile('b'), await client.readFile('c')])
    expect(bytes.equals(read)).toBe(true);
  return { server, client };
}

it.each(cases)(
  'bodies arrive whole over a path that reorders and repeats, in %s with a %s server',
  async (codec, strategy) => {
    setNetwork({ seed: 42, breaksAfter: Infinity });
    const { server, client } = await transferBothWays({ codec, strategy });
    expect(server.stats()).toMatchObject({ udpBytesSent: 4 * bytes.length, failedRequests: 0 });
    expect(client.stats()).toMatchObject({ udpBytesSent: 3 * bytes.length, retries: 0, fallbacks: 0 });
  },
);

it.each(cases)(
  'bodies arrive whole when the path breaks in the middle, in %s with a %s server',
  async (codec, strategy) => {
    setNetwork({ seed: 7, breaksAfter: 700 });
    const { server, client } = await transferBothWays({ codec, strategy });
    expect(client.stats()).toMatchObject({ retries: 0, fallbacks: 1 });
    expect(server.stats()).toMatchObject({ failedRequests: 0, fallbacks: 1, udpPaths: 0 });
    expect(client.stats().bytesSent + client.stats().bytesReceived).toBeGreaterThan(1_000_000);
  },
);

it.each([1, 2, 3, 4, 5, 6, 7, 8])('a body arrives whole wherever the path breaks, seed %i', async (seed) => {
  setNetwork({ seed, breaksAfter: 64 * seed });
  const { connect } = await serve({ storage: new MemoryStorage(), udp: true });
  const client = connect({ transport: 'udp' });
  const fallback = once(client, 'fallback');
  await client.writeFile('a', bytes);
  await Promise.all([client.readFile('a'), client.readFile('a')]).then((all) => {
    for (const read of all) expect(bytes.equals(read)).toBe(true);
  });
  await fallback;
});

it.each(codecs)('a file of which a byte is damaged is sent again, or is no file, in %s', async (codec) => {
  setNetwork({ seed: 3, breaksAfter: Infinity });
  const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
  const client = connect({ codec, transport: 'udp' });
  await client.writeFile('good', bytes);
  // Every 200th piece, of some thousand that both ends get.
  setNetwork({ seed: 3, breaksAfter: Infinity, damages: 200 });
  const codes = [client.writeFile('bad', bytes), client.readFile('good')].map((work) =>
    work.then(
      () => 'done',
      (error: unknown) => TransferError.from(error).code,
    ),
  );
  expect(await Promise.all(codes)).toEqual(['EBADMSG', 'EBADMSG']);
  expect(server.stats().failedRequests).toBeGreaterThan(1);
  setNetwork({ seed: 3, breaksAfter: Infinity });
  await expect(client.stat('bad')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(bytes.equals(await client.readFile('good'))).toBe(true);
  expect(client.stats().fallbacks).toBe(0);
});

it('bytes that are sent again count under the bandwidth limit of a download', async () => {
  setNetwork({ seed: 5, breaksAfter: Infinity });
  const rate = 2_000_000;
  const bandwidth = { connection: { download: rate } };
  const { connect } = await serve({ storage: new MemoryStorage(), udp: true, bandwidth });
  const client = connect({ transport: 'udp' });
  await client.writeFile('a', bytes);
  const startedMs = performance.now();
  expect(bytes.equals(await client.readFile('a'))).toBe(true);
  const { resentBytes } = FakePath.last('server');
  expect(resentBytes).toBeGreaterThan(bytes.length / 5);
  // A tenth of a second in advance, the last piece, and what was sent again behind it.
  const leastMs = ((bytes.length + resentBytes) / rate) * 1_000 - 300;
  expect(performance.now() - startedMs).toBeGreaterThan(leastMs);
});
