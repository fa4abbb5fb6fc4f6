/** Methods whose clients read no answers, or write for ever without reading. */
import { expect, it, type TestContext } from 'vitest';
import { reportNumbers } from '../../../faults/numbers.js';
import { MIB, Scene } from '../scene.js';
import { boundMs, sized } from '../size.js';
import { MobOfPeers } from './mob-of-peers.js';
import type { BodySource, Reading } from './hostile-peer.js';
import { requestsUntil } from './requests-until.js';

/** Connections, each from an address of its own, and channels of each. */
const PEERS = 8;
const CHANNELS = 64;

/** Requests that are served at once. */
const SERVED = 256;

/** Memory that a stream method may use: a window, the two halves of its Duplex, and what is being sent, in bytes. */
const STREAM_BYTES = 1.5 * MIB;

/** Memory for garbage, for the outputs of calls and for received bytes, in bytes. */
const SLACK_BYTES = 128 * MIB;

/** Maximum latency in milliseconds of a small request of another client meanwhile. */
const MAX_MS = 1_000;

const PIECE = Buffer.alloc(65_536, 'x');

/** A body without an end. */
const endless: BodySource = (bytes) => PIECE.subarray(0, bytes);

interface Attack {
  readonly open: string;
  readonly reads: Reading;
  readonly channels: number;
  readonly body?: BodySource;
  /** Bytes by which the server's process may grow, garbage included. */
  readonly maxGrowthBytes: number;
}

async function attack(context: TestContext, { open, reads, channels, ...plan }: Attack): Promise<void> {
  const scene = await Scene.open({ timeouts: { stallMs: 20_000 } });
  const client = await scene.client();
  const before = await scene.look();
  const stop = requestsUntil(client);
  const mob = await MobOfPeers.join(scene, { addresses: PEERS, perAddress: 1, reads });
  for (const peer of mob.peers)
    for (let channel = 0; channel < channels; channel += 1) void peer.open(open, plan.body);
  await mob.settle(PEERS * channels);
  const { requests, most } = await stop();
  const held = await scene.look();
  await mob.leave();
  const left = await scene.returnsTo(before);
  const growth = held.peakRssBytes - before.rssBytes;
  reportNumbers(context, {
    'requests held': held.stats.activeRequests,
    'MiB sent': Math.round(mob.sum('sentBytes') / MIB),
    ends: mob.ends,
    'MiB held': Math.round((held.heapBytes - before.heapBytes) / MIB),
    'MiB at most': Math.round(growth / MIB),
    'requests of another client meanwhile': requests,
    'ms the slowest of them': Math.round(most),
    'bytes left': left,
  });
  expect(held.stats.activeRequests).toBeLessThanOrEqual(SERVED);
  expect(growth).toBeLessThan(plan.maxGrowthBytes);
  expect(most).toBeLessThan(boundMs(MAX_MS));
}

const streams: [name: string, method: string, reads: Reading, body?: BodySource][] = [
  ['that send for ever to clients that read nothing', 'endless', 'nothing'],
  ['that send for ever to clients that grant one window', 'endless', 'one window'],
  ['that answer bytes without end to clients that read nothing', 'echo', 'nothing', endless],
  ['that answer bytes without end to clients that grant one window', 'echo', 'one window', endless],
  ['that do not read what their clients send for ever', 'deaf', 'all', endless],
];

for (const [name, method, reads, body] of streams) {
  it(`the server bounds its memory for ${PEERS} times ${CHANNELS} stream methods ${name}`, async (context) => {
    await attack(context, {
      open: `op=stream method=${method} checksum=crc32`,
      reads,
      channels: CHANNELS,
      maxGrowthBytes: SERVED * STREAM_BYTES + SLACK_BYTES,
      ...(body && { body }),
    });
  });
}

const CALLS = sized(1_000, 5_000);

it(`the server bounds its memory for ${PEERS} times ${CALLS} calls whose answers are never read`, async (context) => {
  await attack(context, {
    open: 'op=call method=large checksum=crc32',
    reads: 'nothing',
    channels: CALLS,
    maxGrowthBytes: SERVED * MIB + SLACK_BYTES,
  });
});
