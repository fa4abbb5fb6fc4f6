/** A session that is cut after its n-th byte, for every n: it resumes, or fails with a code in time. */
import { expect, it } from 'vitest';
import { FileServer } from '../../src/index.js';
import { AuditedStorage } from './fixtures/audited-storage.js';
import { runParallel } from './fixtures/run-parallel.js';
import type { Cut, CutKind, Direction } from './network/connection-faults.js';
import { reportNumbers } from './numbers.js';
import { portOf } from './network/port.js';
import { withinResources } from './fixtures/resources.js';
import { sized } from './size.js';
import { runSession, prepareSession } from './fixtures/small-session.js';
import { codecs, fastServer } from './fixtures/fast-ends.js';
import { OutcomeTotals } from './fixtures/outcome-totals.js';

const LAST_BYTE = 2_000;

it('sessions that are cut after any byte resume', async (context) => {
  const cuts = cutsEvery(sized(29, 1));
  const tally = new OutcomeTotals();
  const memory = await withinResources(async () => {
    const storage = new AuditedStorage();
    const server = await new FileServer({ storage, ...fastServer }).listen(0);
    await runParallel(cuts.length, 8, async (number) => {
      await prepareSession(storage.files, number);
      const codec = codecs[number % codecs.length]!;
      const fate = { cut: cuts[number] };
      tally.add(await runSession({ number, codec, port: portOf(server), fate }));
    });
    await server.close();
    expect(server.stats()).toMatchObject({ connections: 0, activeRequests: 0, queuedRequests: 0 });
    tally.judge(storage);
  });
  reportNumbers(context, { ...tally.numbers, ...memory });
});

/** Every way of cutting, after every so many bytes. */
function cutsEvery(step: number): Cut[] {
  const cuts: Cut[] = [];
  for (let afterBytes = 1; afterBytes <= LAST_BYTE; afterBytes += step) {
    for (const direction of ['toServer', 'toClient'] satisfies Direction[]) {
      for (const by of ['reset', 'end', 'half'] satisfies CutKind[]) cuts.push({ direction, afterBytes, by });
    }
  }
  return cuts;
}
