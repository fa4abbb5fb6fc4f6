/** What a client does after `goaway`. Times are lower bounds only: a busy machine waits longer. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FileServer, MemoryStorage, type ClientState } from '../../../src/index.js';
import { clientAt, quick } from '../../support/servers/scripted.js';
import { telling, type Told } from '../../support/servers/telling.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { slowStorage } from '../../support/doubles/slow-storage.js';
import { until } from '../../support/until.js';

/** Timers may fire this much early, in ms. */
const EARLY_MS = 5;

const RESULT = 'path=x kind=directory mtime=1\n';

/** A server that says `goaway` at the first request of its first connection, and serves all others. */
async function leaving(words: (told: Told) => string) {
  const times: number[] = [];
  const opened: string[] = [];
  const { port } = await telling((told) => {
    const { line, id, connection, socket } = told;
    if (line.startsWith('hello')) times.push(performance.now());
    if (!line.startsWith('open')) return;
    opened.push(`${connection} ${id}`);
    socket.write(connection === 1 ? words(told) : `result id=${id} ${RESULT}`);
  });
  return { port, times, opened };
}

describe('after goaway', () => {
  it('a request that was not begun waits for the time of return, and so do new ones', async () => {
    const { port, times, opened } = await leaving(({ socket }) => {
      setImmediate(() => socket.end());
      return 'goaway lastId=0 code=ESHUTDOWN message=Update. retryAfter=400\n';
    });
    const client = clientAt(port);
    const states: ClientState[] = [];
    client.on('state', (state) => void states.push(state));
    const first = client.stat('x');
    await until(() => states.some(({ status }) => status === 'waiting'));
    const second = client.stat('x');
    await Promise.all([first, second]);
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(400 - EARLY_MS);
    expect(opened).toEqual(['1 1', '2 1', '2 3']);
    const waiting = states.flatMap((state) => (state.status === 'waiting' ? [state] : []));
    expect(waiting).toHaveLength(1);
    expect(waiting).toMatchObject([
      { error: { code: 'ESHUTDOWN', retryAfterMs: 400, cause: { reason: 'Update.' } } },
    ]);
    for (const { delayMs } of waiting) {
      expect(delayMs).toBeGreaterThan(300);
      expect(delayMs).toBeLessThan(430);
    }
  });

  it('a request that runs ends on its connection, while a new one waits for the next', async () => {
    let running: Told | undefined;
    const { port, times, opened } = await leaving((told) => {
      running ??= told;
      return told.id === '3' ? 'goaway lastId=1 retryAfter=300\n' : '';
    });
    const client = clientAt(port);
    const order: string[] = [];
    const first = client.stat('x').then(() => order.push('first'));
    const second = client.stat('x').then(() => order.push('second'));
    await until(() => client.state.status === 'waiting');
    const third = client.stat('x').then(() => order.push('third'));
    running?.socket.write(`result id=1 ${RESULT}`);
    await Promise.all([first, second, third]);
    expect(order[0]).toBe('first');
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(300 - EARLY_MS);
    expect(opened).toEqual(['1 1', '1 3', '2 1', '2 3']);
  });

  it('without a time, the next connection is made at once', async () => {
    const { port, times } = await leaving(() => 'goaway lastId=0\n');
    const client = clientAt(port);
    const states: ClientState[] = [];
    client.on('state', (state) => void states.push(state));
    await client.stat('x');
    expect(times).toHaveLength(2);
    const waits = states.flatMap((state) => (state.status === 'waiting' ? [state.delayMs] : []));
    expect(Math.max(0, ...waits)).toBeLessThanOrEqual(quick.maxDelayMs);
  });

  it('a client without requests waits, too, although its connection has ended', async () => {
    const { server, port, connect } = await serveFiles({ x: 'abc' });
    const client = connect({ connection: 'on-demand', reconnect: { ...quick, maxAttempts: 10_000 } });
    await client.connect();
    const leftAt = performance.now();
    await server.close({ retryAfterMs: 300 });
    await until(() => client.state.status === 'disconnected');
    const states: string[] = [];
    client.on('state', ({ status }) => {
      states.push(status);
      if (status === 'reconnecting' && states.length === 2)
        expect(performance.now() - leftAt).toBeGreaterThanOrEqual(300 - EARLY_MS);
    });
    const again = client.stat('x');
    // It is expected back, so the client does not give up when it comes late.
    await until(() => states.length >= 3);
    expect(states.slice(0, 3)).toEqual(['waiting', 'reconnecting', 'waiting']);
    const next = await new FileServer({ storage: new MemoryStorage() }).listen(port);
    await expect(again).rejects.toMatchObject({ code: 'ENOENT' });
    client.destroy();
    await next.close();
  });

  it('a persistent client returns by itself, no earlier than it was told', async () => {
    const { server, port, connect } = await serveFiles();
    const client = connect({ connection: 'persistent', reconnect: { ...quick, maxAttempts: 10_000 } });
    await client.connect();
    const leftAt = performance.now();
    const closed = server.close({ retryAfterMs: 300 });
    await closed;
    const next = await new FileServer({ storage: new MemoryStorage() }).listen(port);
    await once(next, 'connection');
    expect(performance.now() - leftAt).toBeGreaterThanOrEqual(300 - EARLY_MS);
    client.destroy();
    await next.close();
  });

  it('a change that the server has not begun by the end of the grace time is made by the next one', async () => {
    let isOpen = false;
    const memory = new MemoryStorage();
    const storage = slowStorage(() => until(() => isOpen), memory);
    const { server, port, connect } = await serve({ storage, strategy: 'blocking' });
    const client = connect({ reconnect: { ...quick, maxAttempts: 10_000 } });
    await client.connect();
    const stat = client.stat('a').catch((error: unknown) => error);
    const made = client.mkdir('a');
    await until(() => server.stats().queuedRequests === 1);
    const closed = server.close({ graceMs: 1, retryAfterMs: 0 });
    await until(() => client.state.status !== 'connected');
    isOpen = true;
    await closed;
    await expect(memory.stat('a' as never)).rejects.toMatchObject({ code: 'ENOENT' });
    const next = await new FileServer({ storage: memory }).listen(port);
    await made;
    await expect(client.stat('a')).resolves.toMatchObject({ kind: 'directory' });
    await stat;
    client.destroy();
    await next.close();
  });

  it('a change whose login the closing server has not checked is made by the next one', async () => {
    const storage = new MemoryStorage();
    let checks = 0;
    const authenticate = () => ((checks += 1), new Promise<undefined>(() => undefined));
    const { server, port, connect } = await serve({ storage, authenticate });
    const reconnect = { ...quick, maxAttempts: 10_000, waitOnFirstConnect: true };
    const client = connect({ user: 'ann', password: 'secret', reconnect });
    const made = client.mkdir('a');
    await until(() => checks === 1);
    await server.close({ retryAfterMs: 100 });
    const next = await new FileServer({ storage }).listen(port);
    await made;
    await expect(client.stat('a')).resolves.toMatchObject({ kind: 'directory' });
    client.destroy();
    await next.close();
  });

  it('a change that runs is answered, or its outcome is unknown, but it is not made twice', async () => {
    let isOpen = false;
    let calls = 0;
    const memory = new MemoryStorage();
    const slow = slowStorage(() => until(() => isOpen), memory);
    const storage = {
      ...slow,
      mkdir: (...given: Parameters<MemoryStorage['mkdir']>) => ((calls += 1), slow.mkdir!(...given)),
    };
    const { server, connect } = await serve({ storage });
    const client = connect({ reconnect: { ...quick, maxAttempts: 3 } });
    const made = client.mkdir('a');
    await until(() => calls === 1);
    const closed = server.close({ graceMs: 1, retryAfterMs: 0 });
    setImmediate(() => (isOpen = true));
    await made;
    await closed;
    expect(calls).toBe(1);
  });

  it('that names a minute again and again, the attempts of a request end', async () => {
    const { port, times } = await leaving(() => 'goaway lastId=0 retryAfter=60000\n');
    const client = clientAt(port, { reconnect: { ...quick, maxElapsedMs: 30_000 } });
    await expect(client.stat('x')).rejects.toMatchObject({ code: 'ESHUTDOWN', retryAfterMs: 60_000 });
    expect(times).toHaveLength(1);
  });

  it('the time limit of a call holds while it waits', async () => {
    const { port } = await leaving(() => 'goaway lastId=0 retryAfter=30000\n');
    const client = clientAt(port);
    await expect(client.stat('x', { timeoutMs: 200 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});

describe('a server that is closed twice', () => {
  it('says goaway once, and both calls end together', async () => {
    const { server, connect } = await serveFiles({ x: 'abc' });
    const client = connect();
    await client.connect();
    const errors: unknown[] = [];
    client.on('disconnect', (error) => void errors.push(error));
    const order: string[] = [];
    await Promise.all([
      server.close({ retryAfterMs: 100 }).then(() => order.push('first')),
      server.close({ retryAfterMs: 30_000 }).then(() => order.push('second')),
    ]);
    expect(order).toEqual(['first', 'second']);
    await until(() => errors.length === 1);
    expect(errors).toEqual([undefined]);
    await expect(server.close({ retryAfterMs: -1 })).rejects.toThrow(TypeError);
  });
});
