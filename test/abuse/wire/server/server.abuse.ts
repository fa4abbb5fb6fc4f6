/** Hostile clients: every case of abuse in every notation, cut and left in every way. */
import { it } from 'vitest';
import { reportNumbers } from '../../../faults/numbers.js';
import { codecNames } from '../frames/loose-frame.js';
import { serverCases } from './server-cases.js';
import { abuseServer } from './server-run.js';
import { everyPlay } from '../plays.js';

for (const codec of codecNames) {
  it(`a server survives abuse in ${codec}`, { timeout: 600_000 }, async (context) => {
    reportNumbers(context, await abuseServer(everyPlay(serverCases, codec)));
  });
}
