/** Pings, and waits for a server that lives and does not get on. */
import { describe, expect, it } from 'vitest';
import { clientAt, quick } from '../../support/scripted.js';
import { serveFiles } from '../../support/serve.js';
import { pongTo, telling } from '../../support/telling.js';
import { settles, WELCOME } from '../../support/unfriendly.js';

describe('pings', () => {
  it('beyond those that may be under way fail at once, and the process goes on', async () => {
    const { port } = await serveFiles();
    const client = clientAt(port, { reconnect: { ...quick, budgetMs: 2_000 } });
    await client.connect();
    const pings = Array.from({ length: 1_100 }, () => client.ping());
    const before = performance.now();
    const turn = new Promise((resolve) => setImmediate(resolve));
    const outcomes = Promise.allSettled(pings);
    await turn;
    expect(performance.now() - before).toBeLessThan(1_000);
    expect((await outcomes).filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(
      1_024,
    );
  });

  it('that a living server never answers fail in time', async () => {
    const { port } = await telling(({ line, socket }) => {
      if (!line.startsWith('hello')) return;
      // It lives, and says so.
      const timer = setInterval(() => socket.write('ping token=1\n'), 50);
      socket.once('close', () => clearInterval(timer));
    });
    const timeouts = { answerMs: 100, stallMs: 100, idleMs: 200, deadMs: 600 };
    const ping = clientAt(port, { timeouts, reconnect: false }).ping();
    ping.catch(() => undefined);
    expect(await settles(ping, 3_000)).toBe(true);
  });
});

describe('a wait', () => {
  it('for a free channel is over in time, though a living server never ends what was given up', async () => {
    const { port } = await telling(
      (told) => {
        if (told.line.startsWith('ping')) told.socket.write(pongTo(told));
      },
      WELCOME.replace('=64', '=16'),
    );
    const client = clientAt(port, { timeouts: { answerMs: 100, stallMs: 100 } });
    await client.connect();
    const asked = Array.from({ length: 17 }, (_none, index) => client.stat(`p${index}`));
    const first = await Promise.allSettled(asked.slice(0, 16));
    expect(first.every(({ status }) => status === 'rejected')).toBe(true);
    const last = asked[16]!;
    last.catch(() => undefined);
    expect(await settles(last, 3_000)).toBe(true);
  });

  it('for the first byte begins with accept, however long that was waited for', async () => {
    const { port } = await telling((told) => {
      const { line, id, socket } = told;
      if (line.startsWith('ping')) socket.write(pongTo(told));
      if (!line.startsWith('open')) return;
      setTimeout(() => {
        socket.write(`accept id=${id} path=x kind=file offset=0 size=1 mtime=1 etag=v1\n`);
        setTimeout(() => socket.write(`data id=${id} length=1\nx\nresult id=${id} bytes=1\n`), 300);
      }, 1_200);
    });
    const client = clientAt(port, { timeouts: { answerMs: 60_000, stallMs: 800 } });
    expect(await client.readFile('x', 'utf8')).toBe('x');
  });
});
