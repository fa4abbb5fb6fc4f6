/** Programs that pause in the middle of a listing for longer than the server waits, or lose the connection. */
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, MemoryStorage, parseRemotePath } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { serveSmall, small, stall } from '../../support/servers/impatient.js';
import type { Served } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

describe('a listing whose loop pauses', () => {
  const COUNT = 40_000;

  async function serveMany(count = COUNT): Promise<Served & { calls: () => number }> {
    const memory = new MemoryStorage();
    const entry = await put(memory, 'file', 'x');
    let calls = 0;
    const storage = storageWith({
      async *list() {
        calls += 1;
        const start = calls * 7_919;
        for (let index = 0; index < count; index += 1) {
          // Another order each time.
          const name = `file with a rather long name ${(start + index) % count}`;
          yield { ...entry, path: parseRemotePath(name) };
        }
      },
    });
    return { ...(await serveSmall({ storage })), calls: () => calls };
  }

  it('continues, and gives each entry once', async () => {
    const served = await serveMany();
    const seen = new Map<string, number>();
    for await (const { path } of served.connect().list()) {
      seen.set(path, (seen.get(path) ?? 0) + 1);
      if (seen.size === 1) await stall(served);
    }
    expect(seen.size).toBe(COUNT);
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
    expect(served.calls()).toBe(2);
  });

  it('ends at once if it is left meanwhile', async () => {
    const served = await serveMany();
    const client = served.connect();
    for await (const _ of client.list()) {
      await stall(served);
      break;
    }
    expect(served.calls()).toBe(1);
    await client.close({ graceMs: 0 });
  });

  it('continues on the next connection after a loss', async () => {
    const served = await serveMany();
    const sockets: Socket[] = [];
    const client = new FileClient({
      ...small,
      connect: () => {
        const socket = connect(served.port);
        sockets.push(socket);
        return socket;
      },
      reconnect: { minDelayMs: 1 },
    });
    onTestFinished(() => client.destroy());
    const seen = new Set<string>();
    let entries = 0;
    for await (const { path } of client.list()) {
      seen.add(path);
      entries += 1;
      if (entries === 10) sockets[0]?.destroy();
    }
    expect(seen.size).toBe(COUNT);
    expect(entries).toBe(COUNT);
  });
});
