/** The counters of a client, over real sockets. */
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { FileClient } from '../../../src/index.js';
import { connectedPair } from '../../../src/testing/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serveFiles } from '../../support/servers/serve.js';

const none = {
  connections: 0,
  totalConnections: 0,
  failedConnections: 0,
  lostConnections: 0,
  activeRequests: 0,
  succeededRequests: 0,
  failedRequests: 0,
  cancelledRequests: 0,
  retries: 0,
  resumedTransfers: 0,
  fallbacks: 0,
  bytesReceived: 0,
  bytesSent: 0,
  udpBytesReceived: 0,
  udpBytesSent: 0,
};

describe('the counters of a client', () => {
  it('are 0 at first', () => {
    expect(new FileClient().stats()).toEqual(none);
  });

  it('count requests by their outcome, and bytes as the server does', async () => {
    const { connect, server } = await serveFiles({ file: 'hello' });
    const client = connect();
    await client.readFile('file');
    await client.writeFile('new', 'text');
    await expect(client.stat('missing')).rejects.toMatchObject({ code: 'ENOENT' });
    const cancel = new AbortController();
    const asked = client.stat('file', { signal: cancel.signal });
    expect(client.stats().activeRequests).toBe(1);
    cancel.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(client.stats()).toMatchObject({
      ...{ connections: 1, totalConnections: 1, activeRequests: 0 },
      ...{ succeededRequests: 2, failedRequests: 1, cancelledRequests: 1, retries: 0 },
    });
    const ended = once(server, 'disconnect');
    await client.close();
    await ended;
    const { bytesReceived, bytesSent } = server.stats();
    expect(client.stats()).toMatchObject({ connections: 0, lostConnections: 0 });
    expect(client.stats()).toMatchObject({ bytesReceived: bytesSent, bytesSent: bytesReceived });
    expect(bytesSent).toBeGreaterThan(0);
  });

  it('count a stream that its program destroys as cancelled', async () => {
    const { connect } = await serveFiles({ file: bytesOf(1_000_000) });
    const client = connect();
    const download = client.download('file');
    await once(download, 'readable');
    download.destroy();
    await once(download, 'close');
    expect(client.stats()).toMatchObject({ succeededRequests: 0, failedRequests: 0, cancelledRequests: 1 });
  });

  it('count lost connections, and the transfers that continue on the next one', async () => {
    const bytes = bytesOf(3_000_000);
    const wire = (connection: number) => (connection === 1 ? { cutAfterBytes: 1_000_000 } : undefined);
    await using pair = await connectedPair({ files: { file: bytes }, wire });
    const { client } = pair;
    expect((await buffer(client.download('file'))).equals(bytes)).toBe(true);
    expect(client.stats()).toMatchObject({
      ...{ connections: 1, totalConnections: 2, lostConnections: 1, failedConnections: 0 },
      ...{ succeededRequests: 1, failedRequests: 0, retries: 1, resumedTransfers: 1 },
    });
  });

  it('count connections that cannot be opened', async () => {
    const client = new FileClient({
      connect: () => {
        throw Object.assign(new Error('no server'), { code: 'ECONNREFUSED' });
      },
    });
    await expect(client.stat('file')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await client.close();
    expect(client.stats()).toMatchObject({ ...none, failedConnections: 1, failedRequests: 1 });
  });
});
