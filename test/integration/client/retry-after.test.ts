/** Errors that say when a retry is worth it. Each test asserts the least time only: a busy machine waits longer. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, TransferError, type ClientState } from '../../../src/index.js';
import { clientAt, quick, scripted } from '../../support/servers/scripted.js';
import { serve } from '../../support/servers/serve.js';
import { telling } from '../../support/servers/telling.js';
import { WELCOME } from '../../support/servers/unfriendly.js';

/** Timers may fire this much early, in ms. */
const EARLY_MS = 5;

/** A storage whose files are busy. */
class BusyStorage extends MemoryStorage {
  readonly #retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super();
    this.#retryAfterMs = retryAfterMs;
  }

  override stat(): never {
    throw new TransferError('EAGAIN', 'Later.', { retryAfterMs: this.#retryAfterMs });
  }
}

describe('an error with retryAfterMs', () => {
  it('delays the next connection of a client that was refused', async () => {
    const times: number[] = [];
    const { port } = await scripted('hello', (connection, socket) => {
      times.push(performance.now());
      if (connection === 1) socket.end('error code=EAGAIN message=Busy. retryAfter=300\n');
      else socket.write(WELCOME);
    });
    const client = clientAt(port, { reconnect: { ...quick, waitOnFirstConnect: true } });
    const states: ClientState[] = [];
    client.on('state', (state) => void states.push(state));
    await client.connect();
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(300 - EARLY_MS);
    const [waiting] = states.filter(({ status }) => status === 'waiting');
    expect(waiting).toMatchObject({ error: { code: 'EAGAIN', retryAfterMs: 300 } });
  });

  it('delays the retry of a request on the same connection', async () => {
    const times: number[] = [];
    const { port, connections } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      times.push(performance.now());
      if (times.length === 1) socket.write(`error code=ESHUTDOWN id=${id} retryAfter=200\n`);
      else socket.write(`result id=${id} path=x kind=directory mtime=1\n`);
    });
    await expect(clientAt(port).stat('x')).resolves.toMatchObject({ kind: 'directory' });
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(200 - EARLY_MS);
    expect(connections()).toBe(1);
  });

  it('delays the retry of a change that a closing server has not made', async () => {
    const times: number[] = [];
    const { port } = await telling(({ line, id, socket }) => {
      if (!line.startsWith('open')) return;
      times.push(performance.now());
      if (times.length === 1) socket.write(`error code=ESHUTDOWN id=${id} retryAfter=200\n`);
      else socket.write(`result id=${id} path=y\n`);
    });
    await clientAt(port).rename('x', 'y');
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(200 - EARLY_MS);
  });

  it('fails a client at once if the time is beyond maxElapsedMs', async () => {
    const { port, connections } = await scripted('hello', (_, socket) => {
      socket.end('error code=EAGAIN message=Busy. retryAfter=20000\n');
    });
    const client = clientAt(port, {
      reconnect: { ...quick, waitOnFirstConnect: true, maxElapsedMs: 10_000 },
    });
    await expect(client.stat('x')).rejects.toMatchObject({ code: 'EAGAIN', retryAfterMs: 20_000 });
    expect(connections()).toBe(1);
  });

  it('is believed up to a minute', async () => {
    const { port } = await telling(({ line, id, socket }) => {
      if (line.startsWith('open')) {
        socket.write(`error code=EAGAIN id=${id} retryable=false retryAfter=${Number.MAX_SAFE_INTEGER}\n`);
      }
    });
    const client = clientAt(port);
    await expect(client.stat('x')).rejects.toMatchObject({ code: 'EAGAIN', retryAfterMs: 60_000 });
  });

  it.each([-1, NaN, 'soon' as unknown as number])('is not sent if a program set it to %s', async (wrong) => {
    const { port } = await serve({ storage: new BusyStorage(wrong) });
    await expect(clientAt(port).stat('x')).rejects.toMatchObject({ code: 'EAGAIN', retryAfterMs: undefined });
  });

  it('of a storage arrives in whole milliseconds', async () => {
    const { port } = await serve({ storage: new BusyStorage(1_500.2) });
    await expect(clientAt(port).stat('x')).rejects.toMatchObject({ code: 'EAGAIN', retryAfterMs: 1_501 });
  });
});
