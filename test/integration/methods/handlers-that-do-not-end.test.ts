/** Handlers that do not end: how long a closing server waits for them, and when they leave their places. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryStorage, type FileClient, type FileClientOptions } from '../../../src/index.js';
import { serve, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

afterEach(() => void vi.useRealTimers());

/** The time in ms after which a promise resolves; timers of the server fire in steps of 50 ms. */
async function timeOf(promise: Promise<unknown>): Promise<number> {
  let isSettled = false;
  void promise.then(() => (isSettled = true));
  for (let ms = 0; ; ms += 50) {
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    if (isSettled) return ms;
    await vi.advanceTimersByTimeAsync(50);
  }
}

/** A call of a method that ignores its signal. */
async function callThatDoesNotEnd(
  { server, connect }: Served,
  options: Partial<FileClientOptions> = { reconnect: false },
): Promise<{ signal: AbortSignal; client: FileClient }> {
  const client = connect(options);
  const begun = new Promise<AbortSignal>((resolve) => {
    server.method('wait', (_, { signal }) => {
      resolve(signal);
      return new Promise(() => undefined);
    });
  });
  client.call('wait').catch(() => undefined);
  return { signal: await begun, client };
}

describe('close() of a server with a method that ignores its signal', () => {
  it.each([0, 1_000, 5_000])(
    'takes graceMs (%i ms) and 2 s more, and the signal is aborted',
    async (graceMs) => {
      const served = await serve({ storage: new MemoryStorage() });
      const { server } = served;
      const { signal } = await callThatDoesNotEnd(served);
      vi.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
      });
      const aborted = once(signal, 'abort');
      const closed = server.close({ graceMs });
      const [untilAborted, untilClosed] = await Promise.all([timeOf(aborted), timeOf(closed)]);
      expect(untilAborted).toBeLessThan(graceMs + 500);
      expect(untilClosed).toBeLessThan(graceMs + 2_500);
      expect(server.stats().connections).toBe(0);
    },
  );

  it('does not take the time of a method that heeds it', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage() });
    const begun = new Promise<void>((resolve) => {
      server.method('wait', async (_, { signal }) => {
        resolve();
        await once(signal, 'abort');
      });
    });
    connect({ reconnect: false })
      .call('wait')
      .catch(() => undefined);
    await begun;
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
    });
    expect(await timeOf(server.close({ graceMs: 100 }))).toBeLessThan(1_000);
  });
});

describe('a handler whose connection is lost', () => {
  it.each(['call', 'stream'])(
    'of an idempotent %s leaves its place as soon as it heeds its signal',
    async (kind) => {
      const { server, connect } = await serve({ storage: new MemoryStorage() });
      const begun = new Promise<void>((resolve) => {
        const wait = async (signal: AbortSignal): Promise<void> => {
          resolve();
          await once(signal, 'abort');
        };
        server.method('call', { idempotent: true }, (_, { signal }) => wait(signal));
        server.streamMethod('stream', (_duplex, _input, { signal }) => wait(signal));
      });
      const client = connect({ reconnect: false });
      if (kind === 'call') client.call('call', undefined, { idempotent: true }).catch(() => undefined);
      else
        client
          .open('stream')
          .on('error', () => undefined)
          .result.catch(() => undefined);
      await begun;
      client.destroy();
      await until(() => server.stats().activeRequests === 0);
    },
  );

  it('of a call that runs once continues, and leaves its place after stallMs', async () => {
    const served = await serve({ storage: new MemoryStorage(), timeouts: { stallMs: 200 } });
    const { signal, client } = await callThatDoesNotEnd(served, {});
    client.destroy();
    await until(() => served.server.stats().activeRequests === 0);
    expect(signal.aborted).toBe(false);
  });

  it('of a client that does not reconnect is told to stop, and leaves its place after stallMs if it does not', async () => {
    const served = await serve({ storage: new MemoryStorage(), timeouts: { stallMs: 200 } });
    const { signal, client } = await callThatDoesNotEnd(served);
    client.destroy();
    await until(() => served.server.stats().activeRequests === 0);
    expect(signal).toMatchObject({ aborted: true, reason: { code: 'ECONNRESET' } });
  });
});
