/** Closing while something begins, waits or is cleaned up. */
import { readdir, stat } from 'node:fs/promises';
import { Server } from 'node:net';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage, type FileServerOptions } from '../../../src/index.js';
import { TransferError } from '../../../src/errors.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { storageWith, turns } from '../../support/servers/unfriendly.js';

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
  it('during listen() leaves no listening socket', async () => {
    const server = new FileServer({ root: await temporaryDirectory() });
    const before = listeningNow();
    const listening = server.listen(0).catch((error: unknown) => error);
    await server.close();
    await listening;
    expect(server.address()).toBeNull();
    expect(listeningNow()).toEqual(before);
  });

  it('right after the call of listen() leaves no listening socket', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const before = listeningNow();
    const listening = server.listen(0, 'localhost').catch((error: unknown) => error);
    await server.close();
    await listening;
    expect(server.address()).toBeNull();
    expect(listeningNow()).toEqual(before);
  });

  it('emits close and resolves after its requests have sent their end and left the storage', async () => {
    let written = false;
    let discarded: (() => void) | undefined;
    const storage = storageWith({
      write: () =>
        Promise.resolve({
          write: async () => {
            written = true;
          },
          commit: () => Promise.reject(new TransferError('EIO')),
          discard: () => new Promise<void>((resolve) => (discarded = resolve)),
        }),
    });
    const { server, connect } = await serve({ storage });
    const upload = connect().upload('x');
    upload.on('error', () => undefined);
    upload.write('half');
    await until(() => written);
    const events: string[] = [];
    server.on('requestEnd', () => events.push('requestEnd')).on('close', () => events.push('close'));
    const closed = server.close({ graceMs: 0 }).then(() => events.push('closed'));
    await until(() => discarded !== undefined);
    await turns(10);
    events.push('discarded');
    discarded?.();
    await closed;
    expect(server.stats().activeRequests).toBe(0);
    expect(events).toEqual(['requestEnd', 'discarded', 'close', 'closed']);
  });
});

describe('closing a server of a directory', () => {
  const names = Array.from({ length: 10 }, (_, index) => `x${index}`);

  async function closesWithoutParts(
    bandwidth: FileServerOptions['bandwidth'],
    begin: (client: FileClient) => (() => Promise<unknown>) | undefined,
  ): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      const root = await temporaryDirectory();
      const { server, connect } = await serve({ root, bandwidth });
      const cancel = begin(connect({ reconnect: false }));
      while ((await partsIn(root)).length < names.length) continue;
      await cancel?.();
      await server.close({ graceMs: 0 });
      expect(server.stats().activeRequests).toBe(0);
      expect(await readdir(root)).toEqual([]);
    }
  }

  it('removes the parts of uploads that cannot be resumed before close() resolves', () =>
    // So slow that no upload ends before.
    closesWithoutParts({ connection: { upload: 50_000 } }, (client) => {
      for (const name of names) client.writeFile(name, Buffer.alloc(500_000)).catch(() => undefined);
      return undefined;
    }));

  it('removes the parts of uploads that their client has cancelled before close() resolves', () =>
    closesWithoutParts(undefined, (client) => {
      const uploads = names.map((name) => client.upload(name));
      for (const upload of uploads) {
        upload.on('error', () => undefined);
        upload.write(Buffer.alloc(50_000));
      }
      return () => {
        for (const upload of uploads) upload.destroy();
        // The server has received what was sent before.
        return client.ping();
      };
    }));

  it('keeps the parts of uploads that can be resumed', async () => {
    const root = await temporaryDirectory();
    const { server, connect } = await serve({ root });
    const client = connect();
    const uploads = names.map((name) => client.upload(name));
    for (const upload of uploads) {
      upload.on('error', () => undefined);
      upload.write(Buffer.alloc(50_000));
    }
    const isStored = async (part: string): Promise<boolean> => (await stat(path.join(root, part))).size > 0;
    let stored: boolean[] = [];
    while (stored.length < names.length || stored.includes(false)) {
      stored = await Promise.all((await partsIn(root)).map(isStored));
    }
    await server.close({ graceMs: 0 });
    expect(server.stats().activeRequests).toBe(0);
    expect(await partsIn(root)).toHaveLength(names.length);
  });
});

describe('closing a client', () => {
  it('that only waits for a connection does not take the whole grace period', async () => {
    const client = new FileClient({ connect: () => new Promise<Duplex>(() => undefined) });
    const connecting = client.connect().catch((error: unknown) => error);
    await client.close({ graceMs: 600_000 });
    expect(await connecting).toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('rejects a pending connect() with the reason that the client is closed', async () => {
    const client = new FileClient({ connect: () => new Promise<Duplex>(() => undefined) });
    const connecting = client.connect().catch((error: unknown) => error);
    client.close({ graceMs: 1 }).catch(() => undefined);
    expect(await connecting).toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('whose endpoint was never connected does not take the whole grace period', async () => {
    const client = new FileClient();
    client.endpoint();
    await client.close({ graceMs: 600_000 });
  });

  it('resolves over a duplex that never emits close', async () => {
    const client = new FileClient({
      connect: () => new Duplex({ emitClose: false, read: () => undefined, write: (_c, _e, done) => done() }),
      timeouts: { connectMs: 50 },
    });
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await client.close({ graceMs: 10 });
  });

  it('waits for the answer to a pending ping', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    await client.connect();
    const ping = client.ping().catch((error: unknown) => error);
    await client.close();
    expect(await ping).toBeTypeOf('number');
  });
});
