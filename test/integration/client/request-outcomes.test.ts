/** Requests that the caller ends, and answers of a server that come too late. */
import { getEventListeners, once } from 'node:events';
import fs from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/index.js';
import { MAX_UNACKNOWLEDGED_BYTES } from '../../../src/protocol/limits.js';
import { bytesOf } from '../../support/bytes.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt } from '../../support/servers/scripted.js';
import { serveFiles, temporaryDirectory } from '../../support/servers/serve.js';
import { pongTo, telling } from '../../support/servers/telling.js';
import { until } from '../../support/until.js';

describe('an end that the caller sets', () => {
  it('leaves no listener and no timer behind when the client is closed', async () => {
    const client = clientAt(1);
    await client.close();
    const controller = new AbortController();
    await expect(client.ping({ signal: controller.signal })).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    await expect(client.connect({ signal: controller.signal })).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('ends a download whose last bytes wait for their reader', async () => {
    const { server, connect } = await serveFiles({ x: bytesOf(1_500_000) });
    const controller = new AbortController();
    const client = connect();
    const download = client.download('x', { signal: controller.signal });
    let came = 0;
    const read = (async () => {
      for await (const piece of download) {
        if (came === 0) {
          // All has come to this end: the answer to the ping comes after the last byte.
          await until(() => server.stats().servedRequests === 1);
          await client.ping();
          controller.abort();
        }
        came += (piece as Buffer).length;
      }
    })();
    await expect(read).rejects.toMatchObject({ code: 'ECANCELED' });
  });

  it('does not set outcomeUnknown for a request that was never sent', async () => {
    const client = clientAt(1, { port: undefined, connect: () => new Promise(() => undefined) });
    const removed = client.remove('x', { timeoutMs: 30 });
    await expect(removed).rejects.toMatchObject({ code: 'ETIMEDOUT', outcomeUnknown: false });
  });

  it('withdraws a request that was never sent', async () => {
    const { port, connect } = await serveFiles({ x: 'x' });
    const cuts = new Cuts(port);
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const client = clientAt(port, {
      port: undefined,
      connect: async () => {
        await gate;
        return (cuts.connect as () => Socket)();
      },
    });
    const removed = client.remove('x', { timeoutMs: 30 });
    await expect(removed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    go();
    await client.ping();
    expect(await connect().exists('x')).toBe(true);
  });
});

describe('an upload', () => {
  it('that starts after a goaway is stored, also by a client that does not reconnect', async () => {
    const { port } = await telling((told) => {
      const { line, id, connection, socket } = told;
      if (line.startsWith('hello') && connection === 1) socket.write('goaway lastId=1\n');
      if (line.startsWith('ping')) socket.write(pongTo(told));
      if (line.startsWith('open') && connection > 1)
        socket.write(`accept id=${id} path=x checksum=crc32 window=65536\n`);
      if (line.startsWith('end'))
        socket.write(
          `result id=${id} path=x kind=file size=1 mtime=1 etag=v1 bytes=1 checksum=crc32:8cdc1683\n`,
        );
    });
    const client = clientAt(port, { reconnect: false });
    const first = client.stat('y');
    first.catch(() => undefined);
    await once(client, 'connect');
    // Answered after the goaway.
    await client.ping();
    expect(await client.writeFile('x', 'x')).toMatchObject({ size: 1 });
  });

  it('that was sent in part does not set outcomeUnknown when its connection is lost', async () => {
    const { port } = await telling(({ line, id, socket }) => {
      if (line.startsWith('open')) socket.write(`accept id=${id} path=x checksum=crc32 window=65536\n`);
      if (line.startsWith('data')) socket.destroy();
    });
    const client = clientAt(port, { reconnect: false });
    const upload = client.upload('x');
    const failed = once(upload, 'error');
    upload.write('the first half');
    const [error] = (await failed) as [TransferError];
    expect(error).toMatchObject({ code: 'ECONNRESET', outcomeUnknown: false });
  });
});

describe('the buffer of a client for an upload', () => {
  it('is limited by the client, whatever window a server grants', async () => {
    let received = 0;
    const { port } = await telling((told) => {
      const { line, id, socket } = told;
      if (line.startsWith('ping')) socket.write(pongTo(told));
      if (line.startsWith('open'))
        socket.write(`accept id=${id} path=x checksum=crc32 window=${Number.MAX_SAFE_INTEGER}\n`);
      if (line.startsWith('data')) received += Number(/ length=(\d+)/.exec(line)?.[1]);
    });
    const client = clientAt(port);
    const upload = client.upload('x');
    upload.on('error', () => undefined);
    for (let piece = 0; piece < 96; piece += 1) upload.write(Buffer.alloc(256 * 1024));
    await until(() => received >= MAX_UNACKNOWLEDGED_BYTES);
    await client.ping();
    expect(received).toBe(MAX_UNACKNOWLEDGED_BYTES);
  });
});

describe('uploadFile', () => {
  it('fails when a server reports fewer bytes than the file has', async () => {
    const local = path.join(await temporaryDirectory(), 'x');
    await fs.writeFile(local, 'Hello');
    const { port } = await telling(({ line, id, socket }) => {
      if (line.startsWith('open'))
        socket.write(
          `result id=${id} path=x kind=file size=3 mtime=1 etag=v1 bytes=3 checksum=crc32:00000000\n`,
        );
    });
    const upload = clientAt(port).uploadFile(local, 'x');
    await expect(upload).rejects.toMatchObject({ code: 'EBADMSG' });
  });
});

describe('a listing', () => {
  it('that is cut after some entries fails without outcomeUnknown, because it changes nothing', async () => {
    const { port } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      const entries = 'entry path=x kind=file size=1 mtime=1\n';
      socket.write(`accept id=${id} kind=directory\ndata id=${id} length=${entries.length}\n${entries}\n`);
    });
    const client = clientAt(port, { reconnect: false, checksum: 'none' });
    const list = client.list();
    await list.next();
    const next = list.next();
    next.catch(() => undefined);
    client.destroy(new TransferError('ECONNRESET'));
    await expect(next).rejects.toMatchObject({ code: 'ECONNRESET', outcomeUnknown: false });
  });
});

describe('the answer of a server', () => {
  it('with another version than the requested one fails with ESTALE', async () => {
    const { port } = await telling(({ line, id, socket }) => {
      if (line.startsWith('open'))
        socket.write(
          `accept id=${id} path=x kind=file offset=0 size=1 mtime=1 etag=v2\ndata id=${id} length=1\nx\nresult id=${id} bytes=1\n`,
        );
    });
    const client = clientAt(port, { checksum: 'none' });
    await expect(client.readFile('x', { ifMatch: 'v1' })).rejects.toMatchObject({ code: 'ESTALE' });
  });
});
