/** Memory under attack: data for clients that do not read, and data for a storage that does not write. */
import { expect, it } from 'vitest';
import { reportNumbers } from '../../faults/numbers.js';
import { NEVER } from './attacked-storage.js';
import { GreedyUploader } from './greedy-uploader.js';
import { Mob } from './mob.js';
import { KIB, MIB, Scene } from './scene.js';

const CHANNELS = 64;
const PEERS = 8;

/** Bytes for garbage of the programs and buffers of the system, beyond the budget. */
const SLACK_BYTES = 32 * MIB;

/**
 * Bytes read ahead of the reading of one peer: an endpoint and a socket buffer 256 KiB each before they stop
 * reading, and the last scheduled output is up to another 256 KiB and a frame.
 */
const OUTPUT_BYTES = 2 * (256 * KIB + 256 * KIB + MIB);

/** Read-ahead of `requests` downloads: each reads two pieces at once, of a part of 64 MiB, 64 to 256 KiB. */
function readAheadBytes(requests: number): number {
  let bytes = 0;
  for (let active = 1; active <= requests; active += 1) {
    bytes += 2 * Math.max(64 * KIB, Math.min(256 * KIB, (32 * MIB) / active));
  }
  return bytes;
}

for (const peers of [1, PEERS]) {
  it(`the server bounds its memory for ${peers} times ${CHANNELS} downloads that the clients do not read`, async (context) => {
    const scene = await Scene.open();
    const client = await scene.client();
    await client.ask('download', 64 * MIB);
    const before = await scene.look();
    const opens = Array.from(
      { length: CHANNELS },
      (_, at) => `open id=${2 * at + 1} op=download path=large\n`,
    );
    const mob = await Mob.gather({
      port: scene.port,
      count: peers,
      perAddress: 1,
      reads: false,
      says: () => `hello version=1 maxFrame=1048576\n${opens.join('')}`,
    });
    // The server reads ahead for the clients until nothing moves.
    for (let sent = -1; ;) {
      const { bytesSent } = await scene.server.ask('stats', undefined);
      const ms = await client.ask('latency', 300);
      if (bytesSent - sent < 2 * MIB && ms.most < 5_000) break;
      sent = bytesSent;
    }
    const held = await scene.look();
    await mob.leave();
    const left = await scene.returnsTo(before);
    const bound = readAheadBytes(Math.min(256, peers * CHANNELS)) + peers * OUTPUT_BYTES;
    reportNumbers(context, {
      'requests served': held.stats.activeRequests,
      'MiB held': Math.round((held.heapBytes - before.heapBytes) / MIB),
      'MiB resident at most': Math.round((held.peakRssBytes - before.rssBytes) / MIB),
      'MiB allowed': Math.round(bound / MIB),
      'bytes left': left,
    });
    expect(held.heapBytes - before.heapBytes).toBeLessThan(bound + 8 * MIB);
    expect(held.peakRssBytes - before.rssBytes).toBeLessThan(bound + SLACK_BYTES);
  });
}

for (const [name, limits, bound] of [
  ['default limits', undefined, 256 * MIB],
  ['a budget of 32 MiB', { maxBufferedBytes: 32 * MIB, maxBufferedBytesPerConnection: 8 * MIB }, 32 * MIB],
] as const) {
  it(`the server bounds its memory for ${PEERS} times ${CHANNELS} uploads that the storage never writes, ${name}`, async (context) => {
    // After the stall limit the server abandons a request whose storage does not react to a cancel.
    const scene = await Scene.open({ limits: limits ?? {}, timeouts: { stallMs: 3_000 } });
    const client = await scene.client();
    await client.ask('upload', 4 * MIB);
    const before = await scene.look();
    const ids = Array.from({ length: CHANNELS }, (_, at) => String(2 * at + 1));
    const mob = await Mob.gather({
      port: scene.port,
      count: PEERS,
      perAddress: 1,
      reads: true,
      says: (peer) =>
        `hello version=1\n${ids.map((id) => `open id=${id} op=upload path=${NEVER}${peer}-${id}\n`).join('')}`,
    });
    const greedy = mob.sockets.map((socket) => new GreedyUploader(socket, ids));
    for (let rounds = 0, seen = -1; rounds < 3;) {
      const { bytesReceived } = await scene.server.ask('stats', undefined);
      await client.ask('latency', 300);
      rounds = bytesReceived - seen < 4 * MIB ? rounds + 1 : 0;
      seen = bytesReceived;
    }
    const held = await scene.look();
    const refused = greedy.reduce((sum, { codes }) => sum + (codes.get('EAGAIN') ?? 0), 0);
    const others = greedy.flatMap(({ codes }) => [...codes.keys()].filter((code) => code !== 'EAGAIN'));
    await mob.leave();
    const left = await scene.returnsTo(before);
    const uploadMs = await client.ask('upload', 16 * MIB);
    reportNumbers(context, {
      'MiB held': Math.round((held.heapBytes - before.heapBytes) / MIB),
      'MiB resident at most': Math.round((held.peakRssBytes - before.rssBytes) / MIB),
      'MiB allowed': bound / MIB,
      'refused with EAGAIN': refused,
      'ms for an upload of 16 MiB afterwards': Math.round(uploadMs),
      'bytes left': left,
    });
    expect(others).toEqual([]);
    if (limits) expect(refused).toBeGreaterThan(0);
    expect(held.heapBytes - before.heapBytes).toBeLessThan(bound + 8 * MIB);
    expect(held.peakRssBytes - before.rssBytes).toBeLessThan(bound + SLACK_BYTES + PEERS * MIB);
  });
}
