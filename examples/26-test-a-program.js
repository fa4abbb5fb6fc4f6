// A test of a program: a server and a client in memory, over connections that are cut and split on purpose.
// @ts-check
import assert from 'node:assert/strict';
import { connectedPair } from 'socket-ftp/testing';

/**
 * The program: copies all files of a directory into one.
 *
 * @param {import('socket-ftp').FileClient} client
 */
async function join(client) {
  const parts = (await client.readdir('parts')).map(({ path }) => path).sort();
  const bodies = await Promise.all(parts.map((path) => client.readFile(path)));
  await client.writeFile('whole', Buffer.concat(bodies));
}

const part = Buffer.alloc(300_000, 'part ');
const pair = await connectedPair({
  files: { 'parts/1': part, 'parts/2': part, 'parts/3': part },
  // Each of the first connections is cut in another place. The same seed splits the same bytes.
  wire: (connection) => ({
    splitBytes: 1_000,
    seed: connection,
    cutAfterBytes: connection < 5 ? 100_000 * connection : undefined,
  }),
  client: { reconnect: { minDelayMs: 1, maxDelayMs: 5 } },
});
await join(pair.client);
assert.equal((await pair.client.stat('whole')).size, 900_000);
const { lostConnections, resumedTransfers } = pair.client.stats();
console.log(
  `Right after ${lostConnections} lost connections:`,
  resumedTransfers > 0 ? 'resumed' : 'repeated',
);
await pair.close();
