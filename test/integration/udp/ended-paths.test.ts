/** A path that ends tells why, and only a network that carries no datagrams keeps the next connection from UDP. */
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { MemoryStorage, type FileClient, type FileServer } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/servers/serve.js';
import { FakePath, setNetwork } from '../../support/udp/fake-paths.js';

vi.mock('../../../src/udp-path/client-path.js', () => ({
  clientPath: (options: ConstructorParameters<typeof FakePath>[0]) => new FakePath(options),
}));
vi.mock('../../../src/udp-path/server-path.js', () => ({
  serverPath: (options: ConstructorParameters<typeof FakePath>[0]) => new FakePath(options),
}));

const bytes = bytesOf(2_000_000);

/** Makes the client connect again, and returns the reasons for which that connection falls back. */
async function reasonsOfNext(client: FileClient, server: FileServer): Promise<string[]> {
  const reasons: string[] = [];
  client.on('fallback', ({ reason }) => reasons.push(reason));
  const left = once(client, 'disconnect');
  for (const { id } of server.connections()) server.disconnect(id, { retryAfterMs: 0 });
  await left;
  await client.writeFile('next', bytes);
  return reasons;
}

it.each([
  ['client', true],
  ['client', false],
  ['server', true],
  ['server', false],
] as const)('the %s tells both ends why its path has ended (network: %s)', async (end, isNetwork) => {
  setNetwork({ seed: 1, breaksAfter: Infinity });
  const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
  const client = connect({ transport: 'udp' });
  await client.writeFile('a', bytes);
  const [atClient, atServer] = [once(client, 'fallback'), once(server, 'fallback')];
  FakePath.last(end).break('It has ended.', isNetwork);
  expect(await atClient).toEqual([{ reason: 'It has ended.' }]);
  const reason = end === 'server' ? 'It has ended.' : 'The client has ended the UDP path.';
  expect(await atServer).toEqual([expect.anything(), reason]);
  expect(bytes.equals(await client.readFile('a'))).toBe(true);
  const { udpBytesSent } = client.stats();
  expect(await reasonsOfNext(client, server)).toEqual(isNetwork ? ['It has ended.'] : []);
  expect(client.stats().udpBytesSent - udpBytesSent).toBe(isNetwork ? 0 : bytes.length);
});

it('a path that is not usable within 2 s costs them once for each connection', async () => {
  setNetwork({ seed: 1, breaksAfter: Infinity, confirms: false });
  const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
  const client = connect({ transport: 'udp' });
  const fallback = once(client, 'fallback');
  await client.writeFile('a', bytes);
  expect(await fallback).toEqual([{ reason: 'The server has not opened a UDP path within 2 s.' }]);
  setNetwork({ seed: 1, breaksAfter: Infinity });
  expect(await reasonsOfNext(client, server)).toEqual([]);
  expect(client.stats().udpBytesSent).toBe(bytes.length);
});
