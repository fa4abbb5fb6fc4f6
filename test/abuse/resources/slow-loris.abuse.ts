/** Slow loris: many connections that hold their places by sending a byte from time to time. */
import { expect, it } from 'vitest';
import { CONTENDED_STALL_MS } from '../../../src/protocol/limits.js';
import { reportNumbers } from '../../faults/numbers.js';
import { Mob, type MobPlan } from './mob.js';
import { median, Scene } from './scene.js';
import { boundMs, isLong, sized } from './size.js';

const CONNECTIONS = 2_000;
const REQUESTS = 900;

/** Maximum latency of the slowest requests of a good client, as a multiple of the undisturbed latency. */
const MAX_RATIO = 2;

/** Maximum latency of any request in ms: requests do not wait for the end of stalled connections. */
const MAX_MS = CONTENDED_STALL_MS - 2_000;

/** Milliseconds that a machine with other things to do adds now and then. */
const NOISE_MS = 2;

const attacks = {
  'a byte of hello each second': {
    says: () => 'h',
    drip: (_: number, round: number) => 'hello version=1 '[round + 1] ?? ' ',
  },
  'hello, and a byte of an upload each second': {
    says: (number: number) => `hello version=1\nopen id=1 op=upload path=drip-${number}\n`,
    drip: () => 'data id=1 length=1\nx\n',
  },
};

for (const [attack, { says, drip }] of Object.entries(attacks)) {
  for (const limits of [undefined, { maxConnectionsPerAddress: 10_000, maxPendingHandshakes: 10_000 }]) {
    const bounds = limits ? 'raised limits' : 'default limits';
    // A machine that was busy with something else in most of the rounds gets another try.
    it(
      `the server closes ${CONNECTIONS} connections that send ${attack}, ${bounds}`,
      { retry: 2 },
      async (context) => {
        const scene = await Scene.open(limits ? { limits } : {});
        const client = await scene.client();
        const plan: MobPlan = { port: scene.port, count: CONNECTIONS, perAddress: 100, says, reads: true };
        await Mob.gather(plan).then((mob) => mob.leave());
        const before = await scene.look();
        const quiet: number[] = [];
        const disturbed: number[] = [];
        let open = 0;
        let most = 0;
        for (let round = 0; round < sized(3, 15); round += 1) {
          quiet.push((await client.ask('latency', REQUESTS)).p99);
          const mob = await Mob.gather(plan);
          mob.drip(1_000, drip);
          const latency = await client.ask('latency', REQUESTS);
          disturbed.push(latency.p99);
          most = Math.max(most, latency.most);
          open = mob.open;
          await mob.leave();
          await scene.returnsTo(before);
        }
        const left = await scene.returnsTo(before);
        reportNumbers(context, {
          'connections at the end of a round': open,
          'ms p99 undisturbed': round2(median(quiet)),
          'ms p99 disturbed': round2(median(disturbed)),
          'ms the slowest': round2(most),
          'bytes left': left,
        });
        expect(most).toBeLessThan(boundMs(MAX_MS));
        if (isLong) expect(median(disturbed)).toBeLessThan(MAX_RATIO * median(quiet) + NOISE_MS);
      },
    );
  }
}

function round2(ms: number): number {
  return Math.round(ms * 100) / 100;
}
