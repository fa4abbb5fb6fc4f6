/** Hostile servers: every case of abuse in every notation, cut and left in every way. */
import { it } from 'vitest';
import { reportNumbers } from '../../../faults/numbers.js';
import { clientCases } from './client-cases.js';
import { abuseClients } from './client-run.js';
import { codecNames } from '../frames/loose-frame.js';
import { everyPlay } from '../plays.js';

for (const codec of codecNames) {
  it(`clients survive abuse in ${codec}`, { timeout: 600_000 }, async (context) => {
    reportNumbers(context, await abuseClients(everyPlay(clientCases, codec)));
  });
}
