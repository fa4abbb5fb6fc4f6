import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { linkedPaths, type LinkedPaths, type LinkOptions } from '../support/udp/linked-paths.js';

const MIB = 1024 * 1024;

describe('two paths', () => {
  const modes: [name: string, options: LinkOptions][] = [
    ['in clear', {}],
    ['with AES-256-GCM', { cipher: 'aes-256-gcm' }],
    ['with ChaCha20-Poly1305', { cipher: 'chacha20-poly1305' }],
  ];

  it.each(modes)('carry a body to the client %s', async (_, options) => {
    await using paths = await linkedPaths(options);
    const body = randomBytes(8 * MIB);
    const arrived = paths.client.host.expect(1, body.length);
    send(paths.server, 1, body);
    expect((await arrived).equals(body)).toBe(true);
    expectQuiet(paths);
    expect(paths.client.host.confirmations).toEqual([{ token: expect.any(Number), size: 61_000 }]);
    expect(paths.server.path.stats.datagramBytes).toBe(61_000);
  });

  it.each(modes)('carry bodies in both directions at once %s', async (_, options) => {
    await using paths = await linkedPaths(options);
    const up = randomBytes(4 * MIB);
    const down = randomBytes(4 * MIB);
    const both = [paths.server.host.expect(1, up.length), paths.client.host.expect(2, down.length)] as const;
    send(paths.client, 1, up);
    send(paths.server, 2, down);
    const [atServer, atClient] = await Promise.all(both);
    expect(atServer.equals(up)).toBe(true);
    expect(atClient.equals(down)).toBe(true);
    expectQuiet(paths);
  });

  it.each([1, 2, 3])('survive loss, repetition, delay, truncation and forgery, seed %i', async (seed) => {
    const faults = { drop: 0.02, duplicate: 0.02, delay: 0.05, truncate: 0.01, forge: 0.01 };
    await using paths = await linkedPaths({ faults, seed, cipher: 'aes-256-gcm', isSameHost: false });
    const up = randomBytes(MIB);
    const down = randomBytes(MIB);
    const both = [paths.server.host.expect(1, up.length), paths.client.host.expect(2, down.length)] as const;
    send(paths.client, 1, up);
    send(paths.server, 2, down);
    const [atServer, atClient] = await Promise.all(both);
    expect(atServer.equals(up)).toBe(true);
    expect(atClient.equals(down)).toBe(true);
    expect(paths.client.host.unexpected + paths.server.host.unexpected).toBe(0);
    expect(paths.client.path.stats.datagramsRejected).toBeGreaterThan(0);
    expect(paths.client.host.broken ?? paths.server.host.broken).toBeUndefined();
  });
});

function send({ host, path }: LinkedPaths['client'], channelId: number, body: Uint8Array): void {
  host.add(channelId, body);
  path.wake();
}

function expectQuiet({ client, server }: LinkedPaths): void {
  for (const { host } of [client, server]) {
    expect(host.broken).toBeUndefined();
    expect(host.unexpected).toBe(0);
  }
}
