/** Files over UDP, through networks and cuts by seed: each one ends equal, or with a code, in time. */
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { FileClient, FileServer, MemoryStorage, TransferError } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { cuttable, type Cuttable } from '../support/udp/cuttable.js';
import type { Faults } from '../support/udp/lossy-proxy.js';
import { proxyNextPaths, throughProxy } from '../support/udp/proxied-paths.js';
import { codecs, fastClient, fastServer } from './fixtures/fast-ends.js';
import type { Random } from './fixtures/random.js';
import { withinResources } from './fixtures/resources.js';
import { reportNumbers } from './numbers.js';
import { chanceOf, sized } from './size.js';

vi.mock('../../src/udp-path/client-path.js', async (importOriginal) => {
  const { clientPath } = await importOriginal<typeof import('../../src/udp-path/client-path.js')>();
  return { clientPath: (options: Parameters<typeof clientPath>[0]) => clientPath(throughProxy(options)) };
});

/** In time: a transfer and its check. */
const MAX_MS = 40_000;

/** Bytes enough for UDP. */
const MIN_BYTES = 1_048_576;

/** Longer than the 3 s after which a path that carries nothing is replaced. */
const timeouts = { stallMs: 10_000 };

type Event = 'none' | 'cut' | 'rebind' | 'block' | 'black hole';

it('files over UDP end equal, or with a code, in time', async (context) => {
  const count = sized(24, 1_000);
  const chance = chanceOf('udp-transfers');
  const numbers = { equal: 0, fallbacks: 0, retries: 0, 'ms at most': 0 };
  const codes: Record<string, number> = {};
  const memory = await withinResources(async () => {
    const server = await new FileServer({
      storage: new MemoryStorage(),
      udp: true,
      ...fastServer,
      timeouts,
    }).listen(0);
    const link = await cuttable(server.port);
    for (let number = 0; number < count; number += 1) {
      const { code, ms, fallbacks, retries } = await transfer(number, link, chance.fork(number));
      if (code === undefined) numbers.equal += 1;
      else codes[code] = (codes[code] ?? 0) + 1;
      numbers.fallbacks += fallbacks;
      numbers.retries += retries;
      numbers['ms at most'] = Math.max(numbers['ms at most'], Math.round(ms));
    }
    link.close();
    await server.close();
    expect(numbers.equal).toBeGreaterThanOrEqual(0.9 * count);
    expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0, udpPaths: 0 });
  });
  reportNumbers(context, { transfers: count, ...numbers, ...codes, ...memory });
}, 7_200_000);

async function transfer(number: number, link: Cuttable, random: Random) {
  const proxy = await proxyNextPaths(faultsOf(random), random.integer(1, 2 ** 31));
  const bytes = bytesOf(random.integer(MIN_BYTES, 2 * MIN_BYTES), number + 1);
  const client = new FileClient({
    ...fastClient(link.port, codecs[number % codecs.length]),
    timeouts: { ...timeouts, connectMs: 5_000 },
    transport: 'udp',
    udp: { datagramSize: 1_472, maxRate: random.integer(2_000_000, 20_000_000) },
  });
  const event = random.pick<Event>(['none', 'none', 'cut', 'rebind', 'block', 'black hole']);
  const timer = setTimeout(
    () => {
      if (event === 'cut') link.cut();
      if (event === 'rebind') void proxy.rebind();
      if (event === 'block') proxy.faults = { drop: 1 };
      if (event === 'black hole') proxy.faults = { maxBytes: 1_200 };
    },
    random.integer(50, 500),
  );
  const startedMs = performance.now();
  const outcome = await upAndDown(client, bytes).catch((error: unknown) => error);
  const ms = performance.now() - startedMs;
  clearTimeout(timer);
  const { fallbacks, retries } = client.stats();
  const closed = once(client, 'close');
  client.destroy();
  await closed;
  await proxy[Symbol.asyncDispose]();
  const code = outcome instanceof TransferError ? outcome.code : undefined;
  if (!(outcome instanceof Buffer)) expect(code).toBeDefined();
  else expect(bytes.equals(outcome), `transfer ${number}, ${event}`).toBe(true);
  expect(ms, `transfer ${number}, ${event}`).toBeLessThan(MAX_MS);
  return { code, ms, fallbacks, retries };
}

async function upAndDown(client: FileClient, bytes: Buffer): Promise<Buffer> {
  await client.writeFile('file', bytes);
  return client.readFile('file');
}

function faultsOf(random: Random): Faults {
  const chance = (max: number): number => (random.integer(0, 1) === 0 ? 0 : random.next() * max);
  return { drop: chance(0.1), duplicate: chance(0.2), delay: chance(0.3), truncate: chance(0.02) };
}
