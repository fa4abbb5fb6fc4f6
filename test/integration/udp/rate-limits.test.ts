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

it('four connections of a user upload no faster than its limit at any time', async () => {
  const { server, connect } = await serve({
    storage: new MemoryStorage(),
    udp: true,
    authenticate: () => ({ name: 'user', bandwidth: { upload: RATE } }),
  });
  const clients = [1, 2, 3, 4].map(() =>
    connect({ transport: 'udp', udp: { datagramSize: 1_472 }, user: 'user' }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  const startedMs = performance.now();
  let beyond = 0;
  const timer = setInterval(() => {
    const paid = ((performance.now() - startedMs) / 1_000) * RATE;
    beyond = Math.max(beyond, server.stats().udpBytesReceived - paid);
  }, 50);
  const big = bytesOf(2_000_000);
  await Promise.all(clients.map((client, index) => client.writeFile(`${index}`, big)));
  clearInterval(timer);
  // Two seconds may arrive unpaid, and a datagram of each.
  expect(beyond).toBeLessThan(2.5 * RATE);
  expect(server.stats().udpBytesReceived).toBeGreaterThan(2 * big.length);
  expect(server.stats().failedRequests).toBe(0);
  for (const index of [0, 1, 2, 3]) expect(big.equals(await clients[0]!.readFile(`${index}`))).toBe(true);
});
