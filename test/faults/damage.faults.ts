/** One damaged byte in each of many sessions: no answer is wrong, and nothing happens that was not asked for. */
import { expect, it } from 'vitest';
import { FileServer } from '../../src/index.js';
import { AuditedStorage } from './fixtures/audited-storage.js';
import { runParallel } from './fixtures/run-parallel.js';
import type { Direction, Flip } from './network/connection-faults.js';
import { reportNumbers } from './numbers.js';
import { portOf } from './network/port.js';
import { withinResources } from './fixtures/resources.js';
import { chanceOf, isLong, sized } from './size.js';
import { runSession, prepareSession, type SessionOutcome } from './fixtures/small-session.js';
import { codecs, fastServer } from './fixtures/fast-ends.js';
import { OutcomeTotals } from './fixtures/outcome-totals.js';

/** 800 sessions are work for a processor, which others may use. */
const TIMEOUT_MS = isLong ? 3_600_000 : 300_000;

it('one damaged byte of a session is detected', { timeout: TIMEOUT_MS }, async (context) => {
  const count = sized(800, 10_000);
  const chance = chanceOf('damage');
  const tally = new OutcomeTotals();
  const memory = await withinResources(async () => {
    const storage = new AuditedStorage();
    const server = await new FileServer({ storage, ...fastServer }).listen(0);
    const hold = async (number: number, flips: Flip[]): Promise<SessionOutcome> => {
      await prepareSession(storage.files, number);
      const codec = codecs[number % codecs.length]!;
      const outcome = await runSession({ number, codec, port: portOf(server), fate: { flips } });
      tally.add(outcome);
      return outcome;
    };
    // Sessions without damage show how long one is in each codec.
    const whole: SessionOutcome[] = [];
    for (const number of codecs.keys()) whole.push(await hold(number, []));
    await runParallel(count, 8, async (number) => {
      const random = chance.fork(number);
      const direction = random.pick<Direction>(['toServer', 'toClient']);
      const { bytes } = whole[number % codecs.length]!;
      const at = random.integer(0, bytes[direction] - 1);
      await hold(number + codecs.length, [{ direction, at, bits: random.integer(1, 255) }]);
    });
    await server.close();
    expect(server.stats()).toMatchObject({ connections: 0, activeRequests: 0, queuedRequests: 0 });
    tally.judge(storage);
  });
  reportNumbers(context, { ...tally.numbers, ...memory });
});
