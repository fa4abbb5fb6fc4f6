/** Watches by many channels that read nothing after the first bytes, of the same directory and of different ones. */
import { expect, it, type TestContext } from 'vitest';
import { reportNumbers } from '../../../faults/numbers.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';
import { MIB, Scene } from '../scene.js';
import { boundMs, isLong, sized } from '../size.js';
import { batchedRequests } from './batched-requests.js';
import { HostilePeer } from './hostile-peer.js';
import { MobOfPeers } from './mob-of-peers.js';
import { requestsUntil } from './requests-until.js';

/** Addresses, connections of each, and watches of a connection: one address may have 256 watches. */
const ADDRESSES = 2;
const CONNECTIONS = 16;
const WATCHES = 16;

const DIRECTORIES = 100;
const FILES = sized(10_000, 100_000);

/** Changes that nothing takes: more than wait for one watch. */
const CHANGES = 20_000;

/** Longer than the attack: on a busy machine, its changes take more than the default of 30 s. */
const STALL_MS = 600_000;

/** Bytes by which the server's process may grow, garbage included: 1 MiB for each of the 512 watches. */
const MAX_GROWTH_BYTES = 512 * MIB;

/** Maximum latency in milliseconds of a small request of another client meanwhile. */
const MAX_MS = 5_000;

interface Attack {
  readonly inDirectory: boolean;
  /** The field of the directory of a watch, by its number; nothing for the root. */
  readonly path: (number: number) => string;
  /** Changes that are made while the watches wait. */
  readonly changes?: number;
}

async function attack(context: TestContext, { inDirectory, path, changes = 0 }: Attack): Promise<void> {
  const timeouts = { stallMs: STALL_MS };
  const scene = await Scene.open(
    inDirectory ? { directory: await temporaryDirectory(), timeouts } : { timeouts },
  );
  const client = await scene.client();
  await scene.server.ask('fill', { directories: DIRECTORIES, files: FILES });
  if (changes > 0) await change(scene, changes);
  const before = await scene.look();
  const stop = requestsUntil(client);
  const mob = await MobOfPeers.join(scene, {
    addresses: ADDRESSES,
    perAddress: CONNECTIONS,
    reads: 'nothing',
  });
  for (const [number, peer] of mob.peers.entries())
    for (let watch = 0; watch <= WATCHES; watch += 1)
      void peer.open(`op=watch recursive=true${path(number * WATCHES + watch)}`);
  await mob.settle(Infinity);
  if (changes > 0) await change(scene, changes);
  const { requests, most: slowestMs } = await stop();
  const held = await scene.look();
  await mob.leave();
  const left = await scene.returnsTo(before);
  const growth = held.peakRssBytes - before.rssBytes;
  reportNumbers(context, {
    'requests held': held.stats.activeRequests,
    ends: mob.ends,
    'MiB held': Math.round((held.heapBytes - before.heapBytes) / MIB),
    'MiB at most': Math.round(growth / MIB),
    'requests of another client meanwhile': requests,
    'ms the slowest of them': Math.round(slowestMs),
    'bytes left': left,
  });
  const most = ADDRESSES * CONNECTIONS * WATCHES;
  // While a directory is still read after changes, further snapshots wait for those before them, and may be refused in the end.
  expect(held.stats.activeRequests).toBeGreaterThanOrEqual(inDirectory && changes > 0 ? 1 : most);
  expect(held.stats.activeRequests).toBeLessThanOrEqual(most);
  expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  expect(slowestMs).toBeLessThan(boundMs(MAX_MS));
}

/** Changes as many files, in a batch. */
async function change(scene: Scene, count: number): Promise<void> {
  const writer = await HostilePeer.join({ port: scene.port, address: 200, reads: 'all' });
  const request = (id: number): string => `open id=${id} op=upload path=tree-1/new-${id}\n`;
  const ended = writer.open('op=batch checksum=crc32', batchedRequests(count, request));
  expect(await ended).toBe('result');
  await writer.leave();
}

const attacks: [name: string, inDirectory: boolean, plan: Omit<Attack, 'inDirectory'>][] = [
  ['many watches of all of memory', false, { path: () => '' }],
  ['watches of many directories in memory', false, { path: treeOf }],
  ['many watches of a changing directory in memory', false, { path: () => ' path=tree-1', changes: CHANGES }],
  ['many watches of all of a directory', true, { path: () => '' }],
  ['watches of many directories in a directory', true, { path: treeOf }],
  [
    'many watches of a changing directory in a directory',
    true,
    { path: () => ' path=tree-1', changes: CHANGES },
  ],
];

/** Those of a short run: every storage, and changes. */
const IN_SHORT = [2, 3];

for (const [index, [name, inDirectory, plan]] of attacks.entries()) {
  if (!isLong && !IN_SHORT.includes(index)) continue;
  it(`the server bounds the cost of ${name}`, (context) => attack(context, { inDirectory, ...plan }));
}

function treeOf(number: number): string {
  return ` path=tree-${number % DIRECTORIES}`;
}
