/** The limits of bytes a second hold for datagrams, too: "at least so long" is the claim. */
import { expect, it } from 'vitest';
import { MemoryStorage, type Bandwidth } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/servers/serve.js';

const RATE = 1_000_000;
const bytes = bytesOf(1_200_000);

/** A server with a limit for each user, and two clients of one user. */
async function served(bandwidth: Bandwidth) {
  const { server, connect } = await serve({
    storage: new MemoryStorage(),
    udp: true,
    authenticate: () => ({ name: 'user', bandwidth }),
  });
  const clients = [1, 2].map(() => connect({ transport: 'udp', udp: { datagramSize: 1_472 }, user: 'user' }));
  return { server, clients };
}

it.each(['upload', 'download'] as const)(
  'two connections of a user share its limit for every %s',
  async (way) => {
    const { server, clients } = await served(way === 'upload' ? { upload: RATE } : { download: RATE });
    if (way === 'download') await clients[0]!.writeFile('file', bytes);
    const startedMs = performance.now();
    await Promise.all(
      clients.map((client, index) =>
        way === 'upload' ? client.writeFile(`${index}`, bytes) : client.readFile('file'),
      ),
    );
    // Without the last window, which may be caught up, and what is in flight.
    const leastMs = ((2 * bytes.length) / RATE) * 1_000 - 600;
    expect(performance.now() - startedMs).toBeGreaterThan(leastMs);
    const { udpBytesReceived, udpBytesSent } = server.stats();
    expect(way === 'upload' ? udpBytesReceived : udpBytesSent).toBeGreaterThanOrEqual(2 * bytes.length);
  },
);
