/** Closing while something begins, waits or is cleaned up. */
import { Server, type AddressInfo } from 'node:net';
import { type Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../src/index.js';
import { TransferError } from '../../src/errors.js';
import { serve, temporaryDirectory } from '../support/serve.js';
import { until } from '../support/until.js';
import { settles, storageWith } from '../support/unfriendly.js';

describe('closing a server', () => {
  it('while it begins to listen leaves nothing that listens', async () => {
    const server = new FileServer({ root: await temporaryDirectory() });
    const listening = server.listen(0).catch((error: unknown) => error);
    await server.close();
    await listening;
    const left = server.address();
    for (const handle of (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles()) {
      if (
        left !== null &&
        handle instanceof Server &&
        (handle.address() as AddressInfo | null)?.port === (left as AddressInfo).port
      )
        handle.close();
    }
    expect(left).toBeNull();
  });

  it('right after listen was called leaves nothing that listens', async () => {
    const server = new FileServer({ storage: new MemoryStorage() });
    const listening = server.listen(0, 'localhost').catch((error: unknown) => error);
    await server.close();
    await listening;
    const left = server.address();
    for (const handle of (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles()) {
      if (
        left !== null &&
        handle instanceof Server &&
        (handle.address() as AddressInfo | null)?.port === (left as AddressInfo).port
      )
        handle.close();
    }
    expect(left).toBeNull();
  });

  it('resolves only when what was served has let go of the storage', async () => {
    let discarded = false;
    const storage = storageWith({
      write: () =>
        Promise.resolve({
          write: () => Promise.resolve(),
          commit: () => Promise.reject(new TransferError('EIO')),
          discard: async () => {
            await sleep(100);
            discarded = true;
          },
        }),
    });
    const { server, connect } = await serve({ storage });
    const upload = connect().upload('x');
    upload.on('error', () => undefined);
    upload.write('half');
    await until(() => server.stats().activeRequests === 1);
    await sleep(20);
    await server.close({ graceMs: 0 });
    expect(server.stats().activeRequests).toBe(0);
    expect(discarded).toBe(true);
  });
});

describe('closing a server of a directory', () => {
  it('has removed the parts of what it cancelled when close() resolves', async () => {
    const { readdir } = await import('node:fs/promises');
    for (let round = 0; round < 10; round += 1) {
      const root = await temporaryDirectory();
      const server = await new FileServer({ root }).listen(0);
      const client = new FileClient({ port: (server.address() as AddressInfo).port });
      const uploads = Array.from({ length: 10 }, (_, index) => client.upload(`x${index}`));
      for (const upload of uploads) {
        upload.on('error', () => undefined);
        upload.write(Buffer.alloc(50_000));
      }
      await until(() => server.stats().activeRequests === 10);
      await sleep(20);
      await server.close({ graceMs: 0 });
      const { activeRequests } = server.stats();
      const left = await readdir(root, { recursive: true });
      client.destroy();
      expect({ activeRequests, parts: left.filter((name) => name.includes('/')).length }).toEqual({
        activeRequests: 0,
        parts: 0,
      });
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
