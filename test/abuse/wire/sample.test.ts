/** A sample of the abuse that `npm run test:abuse` plays in full. */
import { describe, expect, it } from 'vitest';
import { clientCases } from './client/client-cases.js';
import { abuseClients } from './client/client-run.js';
import { codecNames } from './frames/loose-frame.js';
import { serverCases } from './server/server-cases.js';
import { abuseServer } from './server/server-run.js';
import { samplePlays } from './plays.js';

/** One of so many cases, each in one of its ways. */
const ONE_OF = 13;

describe.each(codecNames)('in %s', (codec) => {
  it('a server survives abuse', { timeout: 120_000 }, async () => {
    const numbers = await abuseServer(samplePlays(serverCases, codec, ONE_OF));
    expect(numbers['plays']).toBeGreaterThan(50);
  });

  it('clients survive abuse', { timeout: 120_000 }, async () => {
    const numbers = await abuseClients(samplePlays(clientCases, codec, ONE_OF));
    expect(numbers['plays']).toBeGreaterThan(50);
  });
});
