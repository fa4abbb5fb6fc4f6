/** Transfers whose connection is cut again and again: all end, equal, and little is sent twice. */
import { expect, it } from 'vitest';
import { DirectoryStorage, FileClient, FileServer, MemoryStorage } from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { temporaryDirectory } from '../support/servers/serve.js';
import { ChaosProxy } from './network/chaos-proxy.js';
import { runParallel } from './fixtures/run-parallel.js';
import {
  opposite,
  type CutKind,
  type Direction,
  type ConnectionFaults,
} from './network/connection-faults.js';
import { portOf } from './network/port.js';
import { reportNumbers } from './numbers.js';
import type { Random } from './fixtures/random.js';
import { withinResources } from './fixtures/resources.js';
import { chanceOf, sized } from './size.js';
import { codecs, fastClient, fastServer, WINDOW_BYTES } from './fixtures/fast-ends.js';
import { digest } from './fixtures/target.js';

/** Headers, acknowledgements and handshakes of one connection, in the wordiest codec. */
const OVERHEAD_BYTES = 16 * 1024;

it('transfers complete over connections that are cut', async (context) => {
  const count = sized(64, 1_000);
  const chance = chanceOf('cuts');
  const numbers = { cuts: 0, 'bytes sent twice': 0, 'of them at most by a cut': 0 };
  const root = await temporaryDirectory();
  const memory = await withinResources(async () => {
    const storages = [new DirectoryStorage(root, { flush: false }), new MemoryStorage()];
    const servers = await Promise.all(
      storages.map((storage) => new FileServer({ storage, ...fastServer }).listen(0)),
    );
    await runParallel(count, 8, async (number) => {
      const port = portOf(servers[(number >> 3) % 2]!);
      const { cuts, twice } = await transfer(number, port, chance.fork(number));
      numbers.cuts += cuts;
      numbers['bytes sent twice'] += twice;
      numbers['of them at most by a cut'] = Math.max(
        numbers['of them at most by a cut'],
        Math.round(twice / cuts),
      );
    });
    await Promise.all(servers.map((server) => server.close()));
    for (const server of servers)
      expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0 });
  });
  reportNumbers(context, { transfers: count, ...numbers, ...memory });
});

/** One transfer, each one's codec, way and storage by its number. */
async function transfer(
  number: number,
  port: number,
  random: Random,
): Promise<{ cuts: number; twice: number }> {
  const direction: Direction = (number >> 2) % 2 === 1 ? 'toClient' : 'toServer';
  const bytes = bytesOf(random.integer(200_000, 800_000), number + 1);
  const name = `file-${number}`;
  if (direction === 'toClient') await store(port, name, bytes);
  const cuts = random.integer(3, 6);
  const proxy = await new ChaosProxy(port, {
    seed: random.integer(0, 2 ** 31),
    fate: (connection, chance) =>
      connection < cuts
        ? { ...burden(chance), cut: cutOf(chance, direction, bytes.length / (cuts + 1)) }
        : {},
  }).listen();
  const client = new FileClient(fastClient(proxy.port, codecs[number % 4]));
  try {
    if (direction === 'toClient') expect(digest(await client.readFile(name))).toBe(digest(bytes));
    else await client.writeFile(name, bytes);
  } finally {
    await client.close();
    await proxy.close();
  }
  const twice = Math.max(0, proxy.carried[direction] - bytes.length);
  expect(proxy.cuts, `cuts of transfer ${number}`).toBeGreaterThanOrEqual(3);
  expect(twice, `bytes that transfer ${number} sent twice`).toBeLessThanOrEqual(
    proxy.cuts * WINDOW_BYTES + (proxy.cuts + 1) * OVERHEAD_BYTES,
  );
  if (direction === 'toServer') expect(digest(await load(port, name))).toBe(digest(bytes));
  // The moved files are in the memory of one of the servers, and are not part of the transfer.
  await remove(port, name);
  return { cuts: proxy.cuts, twice };
}

/** A cut before the transfer can be complete: among the bytes of the file, or early among the answers. */
function cutOf(random: Random, main: Direction, mostBytes: number): NonNullable<ConnectionFaults['cut']> {
  const by = random.pick<CutKind>(['reset', 'reset', 'end']);
  if (random.next() < 0.2) return { direction: opposite(main), afterBytes: random.integer(0, 30), by };
  return { direction: main, afterBytes: random.integer(0, Math.floor(mostBytes)), by };
}

function burden(random: Random): ConnectionFaults {
  return random.next() < 0.3 ? { sliceBytes: 20_000, latencyMs: random.integer(0, 3) } : {};
}

async function store(port: number, name: string, bytes: Buffer): Promise<void> {
  const client = new FileClient({ port });
  await client.writeFile(name, bytes);
  await client.close();
}

async function load(port: number, name: string): Promise<Buffer> {
  const client = new FileClient({ port });
  const bytes = await client.readFile(name);
  await client.close();
  return bytes;
}

async function remove(port: number, name: string): Promise<void> {
  const client = new FileClient({ port });
  await client.remove(name);
  await client.close();
}
