/** Thousands of connections that have only sent hello: memory of each, and cost of all. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { reportNumbers } from '../../faults/numbers.js';
import { Mob, type MobPlan } from './mob.js';
import { KIB, median, MIB, Scene } from './scene.js';
import { isLong, sized } from './size.js';

/** The wanted number, or as many as the system allows a process to open. */
const CONNECTIONS = Math.min(10_000, openFiles() - 200);

/** Bytes of heap and buffers for each. */
const MAX_BYTES_EACH = 30 * KIB;

/** Maximum share of one processor that the heartbeats of all connections use. */
const MAX_BUSY_PART = 0.25;

/** How much longer a transfer may take among them; the machine may be busy with something else for a while. */
const MAX_RATIO = 1.5;

const TRANSFER_BYTES = sized(128, 1024) * MIB;

it(`the server closes ${CONNECTIONS} connections that stay idle`, async (context) => {
  const scene = await Scene.open({ limits: { maxConnections: CONNECTIONS + 10 } });
  const client = await scene.client();
  const plan: MobPlan = {
    port: scene.port,
    count: CONNECTIONS,
    perAddress: 200,
    reads: true,
    waits: true,
    says: () => 'hello version=1\n',
  };
  await client.ask('download', TRANSFER_BYTES);
  await Mob.gather({ ...plan, count: 500 }).then((mob) => mob.leave());
  const before = await scene.look();
  const alone: number[] = [];
  const among: number[] = [];
  const idle = { heapBytes: 0, rssBytes: 0, busy: 0 };
  for (let round = 0; round < sized(3, 7); round += 1) {
    alone.push(await client.ask('download', TRANSFER_BYTES));
    const mob = await Mob.gather(plan);
    const { heapBytes, rssBytes, stats } = await scene.look();
    expect(stats.connections - before.stats.connections).toBe(CONNECTIONS);
    idle.heapBytes = heapBytes - before.heapBytes;
    idle.rssBytes = rssBytes - before.rssBytes;
    among.push(await client.ask('download', TRANSFER_BYTES));
    // The pings of some seconds; each connection has one in fifteen.
    if (round === 0) idle.busy = await busyPart(scene, sized(8_000, 30_000));
    expect(mob.open).toBe(CONNECTIONS);
    await mob.leave();
    await scene.returnsTo(before);
  }
  const left = await scene.returnsTo(before);
  reportNumbers(context, {
    'bytes of heap each': Math.round(idle.heapBytes / CONNECTIONS),
    'bytes resident each': Math.round(idle.rssBytes / CONNECTIONS),
    '% of a processor': Math.round(1_000 * idle.busy) / 10,
    'MiB/s alone': Math.round(TRANSFER_BYTES / MIB / (median(alone) / 1_000)),
    'MiB/s among them': Math.round(TRANSFER_BYTES / MIB / (median(among) / 1_000)),
    'bytes left': left,
  });
  expect(idle.heapBytes / CONNECTIONS).toBeLessThan(MAX_BYTES_EACH);
  if (!isLong) return;
  expect(idle.busy).toBeLessThan(MAX_BUSY_PART);
  expect(median(among)).toBeLessThan(MAX_RATIO * median(alone));
});

/** The share of one processor that the server uses without requests. */
async function busyPart(scene: Scene, ms: number): Promise<number> {
  const before = await scene.server.ask('stats', undefined);
  await sleep(ms);
  const after = await scene.server.ask('stats', undefined);
  return (after.cpuMs - before.cpuMs) / ms;
}

/** How many files a process may open; Node raises the soft limit to the hard limit. */
function openFiles(): number {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn']).toString().trim();
  return limit === 'unlimited' ? Infinity : Number(limit);
}
