import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { PathMemory } from '../../src/udp-path/path-settings.js';
import type { PathSnapshot } from '../../src/udp/udp-sender-stats.js';
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

describe('a receiver whose reports are not read', () => {
  it('reports nothing more until earlier frames have left, and then all at once', async () => {
    await using paths = await linkedPaths({ isSameHost: false });
    const { client, server } = paths;
    client.host.canReport = false;
    const body = randomBytes(MIB);
    const arrived = client.host.expect(1, body.length);
    send(server, 1, body);
    await vi.waitFor(() => expect(server.path.stats.datagramsSent).toBeGreaterThan(10));
    // Several report intervals of 10 ms.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.path.stats.datagramsReceived).toBeGreaterThan(0);
    expect(client.host.reports).toEqual([]);
    client.host.canReport = true;
    expect((await arrived).equals(body)).toBe(true);
    expectQuiet(paths);
  });
});

describe('a path with a memory', () => {
  it('leaves its bandwidth when it is closed, once', async () => {
    const remembered: PathSnapshot[] = [];
    const memory = memoryOf(remembered);
    await using paths = await linkedPaths({ isSameHost: false, memory });
    await carryTo(paths, MIB);
    const { rttMs } = paths.server.path.stats;
    paths.server.path.close();
    paths.server.path.close();
    expect(remembered).toEqual([
      { bandwidth: expect.any(Number), isLowerBound: expect.any(Boolean), rttUs: rttMs * 1_000 },
    ]);
    expect(remembered[0]?.bandwidth).toBeGreaterThan(1_000);
  });

  it('leaves nothing when it has failed', async () => {
    const remembered: PathSnapshot[] = [];
    const memory = memoryOf(remembered);
    await using paths = await linkedPaths({ isSameHost: false, memory });
    await carryTo(paths, MIB);
    paths.server.path.fail('A test.');
    paths.server.path.close();
    expect(remembered).toEqual([]);
  });

  it('asks for the rate of the round trip that the handshake has measured', async () => {
    const asked: number[] = [];
    const memory = memoryOf([], asked);
    await using paths = await linkedPaths({ isSameHost: false, memory });
    await carryTo(paths, MIB);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeGreaterThan(0);
  });
});

function memoryOf(remembered: PathSnapshot[], asked: number[] = []): PathMemory {
  return {
    initialRate(rttMs) {
      asked.push(rttMs);
      return undefined;
    },
    remember: (snapshot) => void remembered.push(snapshot),
  };
}

async function carryTo({ client, server }: LinkedPaths, bytes: number): Promise<void> {
  const arrived = client.host.expect(1, bytes);
  send(server, 1, randomBytes(bytes));
  await arrived;
}

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
