/** Closing while something begins, waits or is cleaned up. */
import { readdir } from 'node:fs/promises';
import { Server } from 'node:net';
import path from 'node:path';
import { type Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { TransferError } from '../../../src/errors.js';
import { serve, temporaryDirectory } from '../../support/serve.js';
import { until } from '../../support/until.js';
import { settles, storageWith } from '../../support/unfriendly.js';

/** The addresses at which this process listens. */
function listeningNow(): unknown[] {
  return (process as unknown as { _getActiveHandles(): object[] })
    ._getActiveHandles()
    .filter((handle): handle is Server => handle instanceof Server && handle.listening)
    .map((handle) => handle.address());
}

/** The files in the folders of a root, which has only parts there. */
async function partsIn(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => path.dirname(name) !== '.');
}

describe('closing a server', () => {
  it('while it begins to listen leaves nothing that listens', async () => {
    const server = new FileServer({ root: await temporaryDirectory() });
    const before = listeningNow();
    const listening = server.listen(0).catch((error: unknown) => error);
    await server.close();
    await listening;
    expect(server.address()).toBeNull();
    expect(listeningNow()).toEqual(before);
  });

  it('right after listen was called leaves nothing that listens', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const before = listeningNow();
    const listening = server.listen(0, 'localhost').catch((error: unknown) => error);
    await server.close();
    await listening;
    expect(server.address()).toBeNull();
    expect(listeningNow()).toEqual(before);
  });

  it('resolves only when what was served has let go of the storage', async () => {
    let written = false;
    let discarded = false;
    const storage = storageWith({
      write: () =>
        Promise.resolve({
          write: async () => {
            written = true;
          },
          commit: () => Promise.reject(new TransferError('EIO')),
          discard: async () => {
            await sleep(50);
            discarded = true;
          },
        }),
    });
    const { server, connect } = await serve({ storage });
    const upload = connect().upload('x');
    upload.on('error', () => undefined);
    upload.write('half');
    await until(() => written);
    await server.close({ graceMs: 0 });
    expect(server.stats().activeRequests).toBe(0);
    expect(discarded).toBe(true);
  });
});

describe('closing a server of a directory', () => {
  it('has removed the parts of what it cancelled when close() resolves', async () => {
    for (let round = 0; round < 5; round += 1) {
      const root = await temporaryDirectory();
      const { server, connect } = await serve({ root });
      const client = connect({ reconnect: false });
      const uploads = Array.from({ length: 10 }, (_, index) => client.upload(`x${index}`));
      for (const upload of uploads) {
        upload.on('error', () => undefined);
        upload.write(Buffer.alloc(50_000));
      }
      while ((await partsIn(root)).length < uploads.length) continue;
      await server.close({ graceMs: 0 });
      expect(server.stats().activeRequests).toBe(0);
      expect(await partsIn(root)).toEqual([]);
    }
  });
});

describe('closing a client', () => {
  it('that waits for a connection, and for nothing else, does not take the whole grace', async () => {
    const client = new FileClient({ connect: () => new Promise<Duplex>(() => undefined) });
    const connecting = client.connect().catch((error: unknown) => error);
    expect(await settles(client.close(), 1_000)).toBe(true);
    expect(await connecting).toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('tells one who waits for connect() that the client is closed, not that the connection was lost', async () => {
    const client = new FileClient({ connect: () => new Promise<Duplex>(() => undefined) });
    const connecting = client.connect().catch((error: unknown) => error);
    client.close({ graceMs: 1 }).catch(() => undefined);
    expect(await connecting).toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('whose endpoint was never joined does not take the whole grace', async () => {
    const client = new FileClient();
    client.endpoint();
    expect(await settles(client.close(), 1_000)).toBe(true);
  });

  it('lets a ping that is under way be answered', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    await client.connect();
    const ping = client.ping().catch((error: unknown) => error);
    await client.close();
    expect(await ping).toBeTypeOf('number');
  });
});
