/** Downloads of one file over several connections, each with a UDP path of its own. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { MemoryStorage, type FileClientOptions, type FileServerOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const MIB = 1024 * 1024;
const bytes = bytesOf(12 * MIB + 345);

/** Downloads a file over four connections. Returns the statistics of both ends. */
async function downloaded(options: FileServerOptions, clientOptions: FileClientOptions) {
  const { server, connect } = await serve({ storage: new MemoryStorage(), ...options });
  await connect().writeFile('big', bytes);
  const client = connect(clientOptions);
  let mostPaths = 0;
  const onProgress = (): void => void (mostPaths = Math.max(mostPaths, server.stats().udpPaths));
  const local = path.join(await temporaryDirectory(), 'big');
  await client.downloadFile('big', local, { connections: 4, onProgress });
  expect(bytes.equals(await readFile(local))).toBe(true);
  expect(client.stats().totalConnections).toBe(4);
  return { client, server, mostPaths };
}

it.each(codecNames)(
  'each connection has its path, and all but the rest travels in datagrams (%s)',
  async (codec) => {
    const { client, server, mostPaths } = await downloaded({ udp: true }, { codec, transport: 'udp' });
    expect(mostPaths).toBe(4);
    // The last segment is below 1 MiB.
    expect(server.stats().udpBytesSent).toBe(12 * MIB);
    expect(client.stats()).toMatchObject({ fallbacks: 0, retries: 0 });
    // The connection of the client keeps its path.
    await until(() => server.stats().udpPaths === 1);
    expect(server.stats().fallbacks).toBe(0);
  },
);

it('those without a path download over TCP', async () => {
  const { client, server, mostPaths } = await downloaded({ udp: { maxPaths: 2 } }, { transport: 'udp' });
  expect(mostPaths).toBe(2);
  expect(client.stats()).toMatchObject({ fallbacks: 2, retries: 0 });
  expect(server.stats().failedRequests).toBe(0);
  const { udpBytesSent } = server.stats();
  expect(udpBytesSent).toBeGreaterThanOrEqual(MIB);
  expect(udpBytesSent).toBeLessThan(12 * MIB);
});

it('all of them use TCP if the server has no UDP, or the transport is auto on one host', async () => {
  const without = await downloaded({}, { transport: 'udp' });
  expect(without.client.stats()).toMatchObject({ fallbacks: 4, udpBytesReceived: 0 });
  const onOneHost = await downloaded({ udp: true }, { transport: 'auto' });
  expect(onOneHost.client.stats()).toMatchObject({ fallbacks: 0, udpBytesReceived: 0 });
});
