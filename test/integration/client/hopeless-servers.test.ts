/** Servers whose connections stand and bring nothing: a request ends, and connections follow each other with a pause. */
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FileClient, FileServer, MemoryStorage, TransferError } from '../../../src/index.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt, quick } from '../../support/servers/scripted.js';
import { serveFiles, temporaryDirectory } from '../../support/servers/serve.js';
import { settledOr, telling } from '../../support/servers/telling.js';
import { until } from '../../support/until.js';

/** Delays that are their upper bounds. */
function fullDelays(): void {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  onTestFinished(() => void vi.restoreAllMocks());
}

/** Sends an accept and `bytes`, from the offset that the client asks for, then calls `end`. */
async function drips(bytes: string, end: (socket: { destroy(): void; write(text: string): void }) => void) {
  return telling(({ line, id, socket }) => {
    if (!line.startsWith('open')) return;
    const offset = /offset=(\d+)/.exec(line)?.[1] ?? '0';
    const accept = `accept id=${id} path=x kind=file offset=${offset} size=900000 mtime=1 etag=v1 checksum=crc32\n`;
    socket.write(`${accept}data id=${id} length=${bytes.length}\n${bytes}\n`, () =>
      setTimeout(() => end(socket), 5),
    );
  });
}

describe('a request', () => {
  it('fails after maxAttempts although each connection lasts', async () => {
    const { port, connections } = await telling(({ line, socket }) => {
      if (line.startsWith('open')) setTimeout(() => socket.destroy(), 1_050);
    });
    const client = clientAt(port, { reconnect: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 1 } });
    await expect(client.stat('x')).rejects.toMatchObject({
      code: 'ECONNRESET',
      operation: 'stat',
      path: 'x',
    });
    expect(connections()).toBe(3);
  }, 20_000);

  it('fails when a server is silent after each welcome', async () => {
    const { port, connections } = await telling(() => undefined);
    const client = clientAt(port, {
      reconnect: { ...quick, maxAttempts: 2 },
      keepAlive: { intervalMs: 20, timeoutMs: 60 },
    });
    await expect(client.stat('x')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(connections()).toBe(3);
  });

  it('that ends each of its connections fails although others are answered', async () => {
    const { port } = await telling(({ line, id, socket }) => {
      if (line.includes('path=bad')) setTimeout(() => socket.destroy(), 5);
      else if (line.startsWith('open')) socket.write(`result id=${id} path=good kind=file size=3 mtime=1\n`);
    });
    const client = clientAt(port, { reconnect: { ...quick, maxAttempts: 3 } });
    let isOver = false;
    const bad = client.stat('bad').finally(() => (isOver = true));
    bad.catch(() => undefined);
    let answered = 0;
    while (!isOver && answered < 2_000) {
      await client.stat('good').then(() => (answered += 1));
      await new Promise(setImmediate);
    }
    await expect(bad).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answered).toBeGreaterThan(0);
  });

  it('that only waits for others on lost connections is not given up while they make progress', async () => {
    // More than are open at once, so that each loss finds most requests waiting.
    const answers = 128;
    const { port, connections } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      if (Number(id) <= 2 * answers) socket.write(`result id=${id} path=x kind=file size=3 mtime=1\n`);
      else socket.destroy();
    }, 'welcome version=1 maxFrame=65536 maxChannels=16\n');
    const client = clientAt(port, { reconnect: { ...quick, maxAttempts: 2 } });
    const asked = Array.from({ length: 10 * answers }, () => client.stat('x'));
    await Promise.all(asked);
    expect(connections()).toBeGreaterThan(3);
  });
});

describe('a client of a server that ends each connection after a few bytes', () => {
  it('makes the next connections after delays that grow', async () => {
    fullDelays();
    const { port } = await drips('abc', (socket) => socket.destroy());
    const client = clientAt(port, { reconnect: { minDelayMs: 10, maxDelayMs: 80 } });
    const delays: number[] = [];
    client.on('state', (state) => state.status === 'waiting' && delays.push(state.delayMs));
    const download = client.download('x').on('error', () => undefined);
    let received = 0;
    download.on('data', (piece: Buffer) => (received += piece.length));
    await until(() => delays.length >= 6);
    expect(delays.slice(0, 6)).toEqual([9, 19, 39, 79, 79, 79]);
    // Each connection brings new bytes, so that the download continues.
    expect(received).toBeGreaterThanOrEqual(15);
    download.destroy();
  });

  it.each(['EPROTO', 'EBADMSG'])(
    'gives up after maxAttempts if each connection ends with %s',
    async (code) => {
      const violation = `error code=${code} message=damaged retryable=true\n`;
      const { port, connections } = await drips('abc', (socket) => socket.write(violation));
      const client = clientAt(port, { reconnect: { ...quick, maxAttempts: 5 } });
      const read = client.readFile('x');
      read.catch(() => undefined);
      await settledOr(read, () => connections() > 20);
      await expect(read).rejects.toMatchObject({ code });
      expect(connections()).toBe(6);
    },
  );
});

describe.skipIf(process.platform === 'win32')('a server whose Unix socket is away', () => {
  it('is waited for by a client that was connected', async () => {
    const socketPath = path.join(await temporaryDirectory(), 's');
    const storage = new MemoryStorage();
    const server = await new FileServer({ storage }).listen(socketPath);
    const client = new FileClient({ socketPath, reconnect: { ...quick, maxAttempts: 10_000 } });
    onTestFinished(() => client.destroy());
    await client.writeFile('x', 'x');
    server.destroy();
    await until(() => client.state.status === 'waiting');
    await server.close();
    const removed = client.remove('x');
    const again = await new FileServer({ storage }).listen(socketPath);
    onTestFinished(() => again.destroy());
    await removed;
    expect(await client.exists('x')).toBe(false);
  });

  it('is waited for with waitOnFirstConnect only', async () => {
    const socketPath = path.join(await temporaryDirectory(), 's');
    const hasty = new FileClient({ socketPath });
    await expect(hasty.exists('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const patient = new FileClient({
      socketPath,
      reconnect: { ...quick, maxAttempts: 10_000, waitOnFirstConnect: true },
    });
    onTestFinished(() => Promise.all([hasty.close(), patient.close()]).then(() => undefined));
    const asked = patient.mkdir('x');
    await until(() => patient.state.status === 'waiting');
    const server = await new FileServer({ storage: new MemoryStorage() }).listen(socketPath);
    onTestFinished(() => server.destroy());
    await asked;
  });
});

describe('a code of the network', () => {
  const codes = [
    'ENOTFOUND',
    'EAI_FAIL',
    'EAI_NODATA',
    'EADDRNOTAVAIL',
    'EHOSTDOWN',
    'ENOBUFS',
    'ENETRESET',
    'EACCES',
  ];

  it.each(codes)('does not end requests of a client that was connected: %s', async (code) => {
    const { port } = await serveFiles({ a: 'a' });
    const cuts = new Cuts(port);
    let calls = 0;
    const client = clientAt(port, {
      port: undefined,
      connect: () => {
        calls += 1;
        if (calls === 1 || calls > 4) return cuts.connect();
        throw Object.assign(new Error(code), { code });
      },
    });
    await client.stat('a');
    const lost = once(client, 'disconnect');
    cuts.now();
    await lost;
    expect(await client.readFile('a', 'utf8')).toBe('a');
    expect(calls).toBe(5);
  });

  it.each(codes)('is waited out with waitOnFirstConnect: %s', async (code) => {
    const { port } = await serveFiles({ a: 'a' });
    const cuts = new Cuts(port);
    let calls = 0;
    const client = clientAt(port, {
      port: undefined,
      reconnect: { ...quick, waitOnFirstConnect: true },
      connect: () => {
        if (++calls > 3) return cuts.connect();
        throw Object.assign(new Error(code), { code });
      },
    });
    await client.rename('a', 'b');
    expect(await client.readFile('b', 'utf8')).toBe('a');
  });

  it('does not repeat a mistake in the program, nor a rejected login', async () => {
    for (const thrown of [new TypeError('No host.'), new TransferError('EAUTH')]) {
      let calls = 0;
      const client = clientAt(1, {
        port: undefined,
        reconnect: { ...quick, waitOnFirstConnect: true },
        connect: () => {
          calls += 1;
          throw thrown;
        },
      });
      await expect(client.stat('a')).rejects.toMatchObject({ retryable: false });
      expect(calls).toBe(1);
    }
  });
});
