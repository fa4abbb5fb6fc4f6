/** Pings, and waits for a server that lives and does not get on. */
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { turns } from '../../support/servers/unfriendly.js';
import { clientAt, quick } from '../../support/servers/scripted.js';
import { serveFiles } from '../../support/servers/serve.js';
import { pongTo, telling } from '../../support/servers/telling.js';
import { WELCOME } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';

describe('pings', () => {
  it('beyond the maximum in flight fail, and the others are answered', async () => {
    const { port } = await serveFiles();
    const client = clientAt(port, { reconnect: { ...quick, maxElapsedMs: 2_000 } });
    await client.connect();
    const pings = Array.from({ length: 1_100 }, () => client.ping());
    const outcomes = Promise.allSettled(pings);
    expect((await outcomes).filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(
      1_024,
    );
  });

  it('that a living server never answers fail with ETIMEDOUT', async () => {
    const { port } = await telling(({ line, socket }) => {
      if (!line.startsWith('hello')) return;
      // It lives, and says so.
      const timer = setInterval(() => socket.write('ping token=1\n'), 50);
      socket.once('close', () => clearInterval(timer));
    });
    const timeouts = { responseMs: 100, stallMs: 100 };
    const keepAlive = { intervalMs: 200, timeoutMs: 600 };
    const ping = clientAt(port, { timeouts, keepAlive, reconnect: false }).ping();
    await expect(ping).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});

describe('a wait', () => {
  it('for a free channel fails with ETIMEDOUT when a living server ends no cancelled request', async () => {
    const { port } = await telling(
      (told) => {
        if (told.line.startsWith('ping')) told.socket.write(pongTo(told));
      },
      WELCOME.replace('=64', '=16'),
    );
    const client = clientAt(port, { timeouts: { responseMs: 100, stallMs: 100 } });
    await client.connect();
    const asked = Array.from({ length: 17 }, (_none, index) => client.stat(`p${index}`));
    const first = await Promise.allSettled(asked.slice(0, 16));
    expect(first.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(asked[16]).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('for the first byte starts with the answer, however long the client waited for the answer', async () => {
    let answer: ((line: string) => void) | undefined;
    const { port } = await telling((told) => {
      const { line, id, socket } = told;
      if (line.startsWith('ping')) socket.write(pongTo(told));
      if (line.startsWith('open')) answer = (text) => socket.write(text.replaceAll('id=1', `id=${id}`));
    });
    pauseTimeouts();
    const timeouts = { responseMs: 60_000, stallMs: 800 };
    const download = clientAt(port, { timeouts, checksum: 'none' }).download('x');
    await until(() => answer !== undefined);
    vi.advanceTimersByTime(1_200);
    await turns(3);
    answer?.('accept id=1 path=x kind=file offset=0 size=1 mtime=1 etag=v1\n');
    await download.entry;
    vi.advanceTimersByTime(300);
    answer?.('data id=1 length=1\nx\nresult id=1 bytes=1\n');
    expect(String(await buffer(download))).toBe('x');
  });
});
