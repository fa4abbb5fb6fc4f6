/** A client whose connections fail: it gives up at its configured limits. */
import { describe, expect, it, vi } from 'vitest';
import { TransferError } from '../../../src/index.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt, closedPort, quick } from '../../support/servers/scripted.js';
import { serveFiles } from '../../support/servers/serve.js';
import { settledOr, telling } from '../../support/servers/telling.js';
import { until } from '../../support/until.js';

describe('a client that reconnects', () => {
  it('fails a download after maxAttempts when no connection delivers a byte', async () => {
    const { port, connections } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      socket.write(`accept id=${id} path=x kind=file offset=0 size=9 mtime=1 etag=v1 checksum=crc32\n`, () =>
        socket.destroy(),
      );
    });
    const client = clientAt(port, { reconnect: { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 2 } });
    const download = client.readFile('x');
    download.catch(() => undefined);
    await settledOr(download, () => connections() > 20);
    expect(connections()).toBeLessThanOrEqual(4);
    await expect(download).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('fails an upload after maxAttempts when no connection accepts a byte', async () => {
    const { port, connections } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      socket.write(`accept id=${id} path=x offset=0 checksum=crc32 window=65536\n`, () => socket.destroy());
    });
    const client = clientAt(port, { reconnect: { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 2 } });
    const upload = client.writeFile('x', 'abc');
    upload.catch(() => undefined);
    await settledOr(upload, () => connections() > 20);
    expect(connections()).toBeLessThanOrEqual(4);
  });

  it('fails connect() after maxAttempts, also with waitOnFirstConnect', async () => {
    const client = clientAt(await closedPort(), {
      reconnect: { waitOnFirstConnect: true, maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 },
    });
    let tries = 0;
    client.on('disconnect', () => (tries += 1));
    const connecting = client.connect();
    connecting.catch(() => undefined);
    await settledOr(connecting, () => tries > 20);
    expect(tries).toBeLessThanOrEqual(3);
    await expect(connecting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('repeats a ping after a lost connection, also on demand', async () => {
    const { port } = await telling(({ line, connection, socket }) => {
      if (!line.startsWith('ping')) return;
      if (connection === 1) socket.destroy();
      else socket.write(line.replace('ping', 'pong').replace(/ check=\d+/, '') + '\n');
    });
    const client = clientAt(port, { connection: 'on-demand' });
    await client.connect();
    await expect(client.ping()).resolves.toBeGreaterThan(0);
  });

  it('fails a request after maxAttempts when the server refuses it each time as if it were closing', async () => {
    let opens = 0;
    const { port } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      opens += 1;
      socket.write(`error code=ESHUTDOWN id=${id} message=closing retryable=true\n`);
    });
    const client = clientAt(port, { reconnect: { ...quick, maxAttempts: 3 } });
    const asked = client.stat('x');
    asked.catch(() => undefined);
    await settledOr(asked, () => opens > 100);
    expect(opens).toBeLessThanOrEqual(10);
    await expect(asked).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('fails requests that wait for a connection with the error of destroy()', async () => {
    const { port } = await serveFiles({ x: 'x' });
    const cuts = new Cuts(port);
    const client = clientAt(port, {
      port: undefined,
      connect: cuts.connect,
      reconnect: { minDelayMs: 10_000, maxDelayMs: 10_000 },
    });
    vi.spyOn(Math, 'random').mockReturnValue(0.99);
    await client.connect();
    cuts.now();
    await until(() => client.state.status === 'waiting');
    const asked = client.stat('x');
    asked.catch(() => undefined);
    client.destroy(new TransferError('EAUTH', 'The user has logged out.'));
    await expect(asked).rejects.toMatchObject({ code: 'EAUTH' });
  });
});
