/** Batches whose bodies have many requests, and many batches at once. */
import { expect, it, type TestContext } from 'vitest';
import { reportNumbers } from '../../../faults/numbers.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';
import { MIB, Scene } from '../scene.js';
import { boundMs, isLong, sized } from '../size.js';
import { batchedRequests } from './batched-requests.js';
import type { Reading } from './hostile-peer.js';
import { MobOfPeers } from './mob-of-peers.js';
import { requestsUntil } from './requests-until.js';

/**
 * Bytes by which the server's process may grow, garbage included: for one batch, and 2 MiB for each of the 256 that are served at
 * once. On a machine without other work they are served so fast that 380 MiB were seen, almost all of it garbage.
 */
const MAX_GROWTH_BYTES = 96 * MIB;
const MAX_GROWTH_OF_MANY_BYTES = 512 * MIB;

/** Maximum latency in milliseconds of a small request of another client meanwhile. */
const MAX_MS = 1_000;

const REQUESTS = sized(100_000, 1_000_000);

/** Peers and batches of each in the attacks by many, and the requests of each batch. */
const PEERS = 8;
const CHANNELS = 64;
const REQUESTS_OF_MANY = { small: sized(400, 4_000), upload: sized(20, 200) };

/** Bytes of the file `upload`, which is as large as a batch allows. */
const WHOLE_BYTES = 65_536;

const BATCH = 'op=batch checksum=crc32';

const requests: Record<string, (id: number) => string> = {
  'downloads of a small file': (id) => `open id=${id} op=download path=small\n`,
  'downloads of no file': (id) => `open id=${id} op=download path=none\n`,
  'uploads of one file': (id) => `open id=${id} op=upload path=drop size=1\ndata id=${id} length=1\nx\n`,
  'unknown operations': (id) => `open id=${id} op=x\n`,
};

interface Attack {
  readonly peers: number;
  readonly batches: number;
  readonly reads: Reading;
  readonly requests: number;
  readonly request: (id: number) => string;
  /** Whether the server has its files in a directory instead of memory. */
  readonly inDirectory?: boolean;
}

async function attack(context: TestContext, { peers, batches, reads, ...body }: Attack): Promise<MobOfPeers> {
  const scene = await Scene.open(body.inDirectory ? { directory: await temporaryDirectory() } : {});
  const client = await scene.client();
  await client.ask('upload', WHOLE_BYTES);
  const before = await scene.look();
  const stop = requestsUntil(client);
  const mob = await MobOfPeers.join(scene, { addresses: peers, perAddress: 1, reads });
  for (const peer of mob.peers)
    for (let channel = 0; channel < batches; channel += 1)
      void peer.open(BATCH, batchedRequests(body.requests, body.request));
  await mob.settle(peers * batches);
  const { requests: served, most } = await stop();
  const held = await scene.look();
  await mob.leave();
  const left = await scene.returnsTo(before);
  const growth = held.peakRssBytes - before.rssBytes;
  reportNumbers(context, {
    'MiB of requests': Math.round(mob.sum('sentBytes') / MIB),
    'MiB of answers': Math.round(mob.sum('receivedBytes') / MIB),
    ends: mob.ends,
    'MiB held': Math.round((held.heapBytes - before.heapBytes) / MIB),
    'MiB at most': Math.round(growth / MIB),
    'requests of another client meanwhile': served,
    'ms the slowest of them': Math.round(most),
    'bytes left': left,
  });
  expect(growth).toBeLessThan(peers * batches > 1 ? MAX_GROWTH_OF_MANY_BYTES : MAX_GROWTH_BYTES);
  expect(most).toBeLessThan(boundMs(MAX_MS));
  return mob;
}

/** In a short run, only the first kind is also attacked by clients that do not read. */
const [first] = Object.keys(requests);

for (const [name, request] of Object.entries(requests)) {
  it(`the server bounds the cost of a batch of ${REQUESTS} ${name}`, async (context) => {
    const mob = await attack(context, { peers: 1, batches: 1, reads: 'all', requests: REQUESTS, request });
    expect(mob.ends).toBe('result 1');
  });

  for (const reads of isLong || name === first ? (['one window', 'nothing'] as const) : []) {
    it(`the server bounds the cost of a batch of ${name} whose client reads ${reads}`, async (context) => {
      await attack(context, { peers: 1, batches: 1, reads, requests: REQUESTS, request });
    });
  }
}

const many: [file: 'small' | 'upload', reads: Reading, inDirectory: boolean][] = [
  ['small', 'all', false],
  ['small', 'nothing', false],
  ['upload', 'all', true],
  ['upload', 'one window', true],
];

for (const [path, reads, inDirectory] of many) {
  const place = inDirectory ? 'a directory' : 'memory';
  it(`the server bounds the cost of ${PEERS} times ${CHANNELS} batches of the file ${path} in ${place} whose clients read ${reads}`, async (context) => {
    const request = (id: number): string => `open id=${id} op=download path=${path}\n`;
    const plan = { peers: PEERS, batches: CHANNELS, requests: REQUESTS_OF_MANY[path] };
    const mob = await attack(context, { ...plan, reads, request, inDirectory });
    if (reads === 'all') expect(mob.sum('ended')).toBe(PEERS * CHANNELS);
  });
}
