/** Places in a queue, and transfers that do or do not go on. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type FileClient, MemoryStorage } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/wire.js';
import { settles, storageWith, uncaughtDuring } from '../../support/unfriendly.js';

describe('strategies', () => {
  it('requests that were cancelled while they waited leave room in the queue', async () => {
    const { server, connect } = await serve({
      storage: new MemoryStorage(),
      strategy: 'blocking',
      limits: { maxQueuedRequests: 2 },
    });
    const holder = connect().upload('held');
    holder.on('error', () => undefined);
    await until(() => server.stats().activeRequests === 1);
    const impatient = connect();
    const controller = new AbortController();
    const given = [1, 2].map(() => impatient.stat('a', { signal: controller.signal }).catch(() => undefined));
    await until(() => server.stats().queuedRequests === 2);
    controller.abort();
    await Promise.all(given);
    await until(() => server.stats().queuedRequests === 0);
    const other = connect().exists('a');
    const answer = other.catch((error: unknown) => error);
    await sleep(50);
    holder.end('x');
    expect(await answer).toBe(false);
  });

  it('blocking without a queue serves at least one request at a time', async () => {
    const { connect } = await serve({
      storage: new MemoryStorage(),
      strategy: 'blocking',
      limits: { maxQueuedRequests: 0 },
    });
    expect(await connect().exists('a')).toBe(false);
  });

  it('a listener of request that throws does not block a blocking server, nor upset its counts', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), strategy: 'blocking' });
    server.once('request', () => {
      throw new Error('a mistake in a listener');
    });
    const client = connect();
    let served = false;
    const caught = await uncaughtDuring(async () => {
      await client.exists('a');
      served = await settles(client.exists('b'), 1_000);
    });
    expect(served).toBe(true);
    expect(caught.length).toBeLessThanOrEqual(1);
    expect(server.stats()).toMatchObject({ queuedRequests: 0, activeRequests: 0 });
  });

  it('a storage that never answers blocks a blocking server no longer than its client waits', async () => {
    const storage = storageWith({ stat: () => new Promise(() => undefined) });
    const { server, connect } = await serve({
      storage,
      strategy: 'blocking',
      timeouts: { stallMs: 50, idleMs: 20, deadMs: 100 },
    });
    const first = connect();
    const hanging = first.stat('x').catch(() => undefined);
    await until(() => server.stats().activeRequests === 1);
    first.destroy();
    await hanging;
    expect(await settles(connect().readFile('x'), 2_000)).toBe(true);
  });

  it('a strategy whose submit is async and fails costs the request, not the process', async () => {
    const strategy = {
      name: 'async',
      submit: async () => {
        await Promise.resolve();
        throw new Error('no');
      },
    };
    const { connect } = await serve({ storage: new MemoryStorage(), strategy });
    let answered = false;
    const caught = await uncaughtDuring(async () => {
      answered = await settles(connect().stat('a'), 500);
    });
    expect(caught).toEqual([]);
    expect(answered).toBe(true);
  });
});

describe('stalls', () => {
  it('a download that goes on slowly is not a stalled one', async () => {
    const { port, connect } = await serve({ storage: new MemoryStorage(), timeouts: { stallMs: 150 } });
    await connect().writeFile('x', bytesOf(100_000));
    const wire = await Wire.connect(port);
    wire.send('hello version=1\nopen id=1 op=download path=x window=10000\n');
    await wire.line();
    await wire.line();
    let received = 0;
    for (;;) {
      const line = await wire.line();
      const length = /^data id=1 length=(\d+)/.exec(line ?? '')?.[1];
      if (length === undefined) {
        expect(line).toMatch(/^result /);
        break;
      }
      received += (await wire.payload(Number(length))).length;
      // A third of the patience for each 10 kB.
      await sleep(50);
      wire.send(`ack id=1 offset=${received} window=10000\n`);
    }
    expect(received).toBe(100_000);
  });

  it('patience before a ping that is longer than that until death is refused, or does not kill the idle', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    let client: FileClient;
    try {
      client = connect({ timeouts: { idleMs: 1_000, deadMs: 100 } });
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return;
    }
    await client.connect();
    const lost = once(client, 'disconnect');
    expect(await settles(lost, 400)).toBe(false);
  });
});
