/** Drips: transfers that move a byte now and then, and hold their places with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CONTENDED_STALL_MS } from '../../../src/protocol/limits.js';
import { reportNumbers } from '../../faults/numbers.js';
import { Mob } from './mob.js';
import { Scene } from './scene.js';
import type { ServerAnswers } from './server-program.js';
import { boundMs } from './size.js';

const STALL_MS = 1_000;
const MIN_BYTES_PER_SECOND = 100;
const DRIPS_PER_SECOND = 10;

/** Milliseconds that a busy machine adds. */
const NOISE_MS = 3_000;

interface Drip {
  readonly bytes: number;
  readonly addresses: number;
  /** Whether the rule ends them. */
  readonly ends: boolean;
}

const drips: Record<string, Drip> = {
  'slower than the rule, from one address': { bytes: 8, addresses: 1, ends: true },
  'slower than the rule, from 16 addresses': { bytes: 8, addresses: 16, ends: true },
  'faster than the rule, from one address': { bytes: 40, addresses: 1, ends: false },
};

for (const [name, { bytes, addresses, ends }] of Object.entries(drips)) {
  it(`the server ends 256 uploads that send a few bytes at a time, ${name}`, async (context) => {
    const scene = await Scene.open({
      timeouts: { stallMs: STALL_MS },
      limits: { minBytesPerSecond: MIN_BYTES_PER_SECOND },
    });
    const client = await scene.client();
    const before = await scene.look();
    const mob = await Mob.gather({
      port: scene.port,
      count: 256,
      perAddress: 256 / addresses,
      reads: true,
      says: (number) => `hello version=1\nopen id=1 op=upload path=drip-${number}\n`,
    });
    mob.drip(1_000 / DRIPS_PER_SECOND, () => `data id=1 length=${bytes}\n${'x'.repeat(bytes)}\n`);
    const start = performance.now();
    const first = await client.ask('latency', 60);
    const atOnce = (await scene.server.ask('stats', undefined)).outcomes;
    const then = ends ? await whenAllEnded(scene) : await afterTheRule(scene);
    const second = await client.ask('latency', 300);
    await mob.leave();
    const left = await scene.returnsTo(before);
    reportNumbers(context, {
      'ended by the rule': then.outcomes['ETIMEDOUT'] ?? 0,
      'of them while the good client was served first': atOnce['ETIMEDOUT'] ?? 0,
      'refused with EAGAIN': then.outcomes['EAGAIN'] ?? 0,
      'served on': then.activeRequests,
      'ms the slowest good request at once': Math.round(first.most),
      'and later': Math.round(second.most),
      'ms in all': Math.round(performance.now() - start),
      'bytes left': left,
    });
    expect(first.most).toBeLessThan(boundMs(Math.min(STALL_MS, CONTENDED_STALL_MS) + NOISE_MS));
    expect(second.most).toBeLessThan(boundMs(1_000));
    if (ends) expect(then.activeRequests).toBe(0);
    else expect(then.outcomes['ETIMEDOUT']).toBeUndefined();
  });
}

type Stats = Awaited<ReturnType<ServerAnswers['stats']>>;

/** Waits until no request is served; a check that takes too long fails by the time limit of its test. */
async function whenAllEnded(scene: Scene): Promise<Stats> {
  for (;;) {
    const stats = await scene.server.ask('stats', undefined);
    if (stats.activeRequests === 0) return stats;
    await sleep(100);
  }
}

/** All have had the time of the rule, and those that waited for a place had it once more. */
async function afterTheRule(scene: Scene): Promise<Stats> {
  await sleep(3 * STALL_MS + NOISE_MS);
  return scene.server.ask('stats', undefined);
}

it('a server that serves one request at a time ends 16 uploads that send a few bytes at a time', async (context) => {
  const count = 16;
  const stallMs = 300;
  const scene = await Scene.open({
    strategy: 'blocking',
    timeouts: { stallMs },
    limits: { minBytesPerSecond: MIN_BYTES_PER_SECOND },
  });
  const client = await scene.client();
  const before = await scene.look();
  const mob = await Mob.gather({
    port: scene.port,
    count,
    perAddress: 16,
    reads: true,
    says: (number) => `hello version=1\nopen id=1 op=upload path=drip-${number}\n`,
  });
  mob.drip(100, () => 'data id=1 length=8\nxxxxxxxx\n');
  const { most } = await client.ask('latency', 30);
  const ended = (await scene.look()).stats.failedRequests - before.stats.failedRequests;
  await mob.leave();
  const left = await scene.returnsTo(before);
  reportNumbers(context, {
    'ended by the rule': ended,
    'ms until the good client was served': Math.round(most),
    'bytes left': left,
  });
  expect(ended).toBe(count);
  // Each has sent bytes while it waited, which count; the measurement then starts again.
  expect(most).toBeLessThan(boundMs(2 * count * stallMs + NOISE_MS));
});
