/** Places in the queue of requests, and places among those that are served. */
import { expect, it } from 'vitest';
import { MemoryStorage, TransferError } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/frames/wire.js';
import { storageWith, uncaughtDuring } from '../../support/servers/unfriendly.js';

it('cancelled requests free their places in the queue', async () => {
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
  await until(() => server.stats().queuedRequests === 1);
  holder.end('x');
  expect(await other).toBe(false);
});

it('a blocking server without a queue serves one request at a time', async () => {
  const { connect } = await serve({
    storage: new MemoryStorage(),
    strategy: 'blocking',
    limits: { maxQueuedRequests: 0 },
  });
  expect(await connect().exists('a')).toBe(false);
});

it('a blocking server continues after a request listener throws, with correct counts', async () => {
  const { server, connect } = await serve({ storage: new MemoryStorage(), strategy: 'blocking' });
  server.once('requestEnd', () => {
    throw new Error('a mistake in a listener');
  });
  const client = connect();
  const caught = await uncaughtDuring(async () => {
    await client.exists('a');
    await client.exists('b');
  });
  expect(caught.length).toBeLessThanOrEqual(1);
  expect(server.stats()).toMatchObject({ queuedRequests: 0, activeRequests: 0 });
});

it('a blocking server serves others when the client of a stuck request disconnects', async () => {
  const storage = storageWith({ stat: () => new Promise(() => undefined) });
  const { server, connect } = await serve({
    storage,
    strategy: 'blocking',
    keepAlive: { intervalMs: 20, timeoutMs: 100 },
    timeouts: { stallMs: 50 },
  });
  const first = connect();
  const hanging = first.stat('x').catch(() => undefined);
  await until(() => server.stats().activeRequests === 1);
  first.destroy();
  await hanging;
  await expect(connect().readFile('x')).rejects.toMatchObject({ code: 'ENOENT' });
});

it('a strategy whose submit() rejects fails the request, not the process', async () => {
  const strategy = {
    name: 'async',
    submit: async () => {
      await Promise.resolve();
      throw new Error('no');
    },
  };
  const { connect } = await serve({ storage: new MemoryStorage(), strategy });
  const caught = await uncaughtDuring(async () => {
    await expect(connect().stat('a')).rejects.toMatchObject({ code: 'EIO' });
  });
  expect(caught).toEqual([]);
});

it('requests that an unknown frame ends keep their channels until the storage answers', async () => {
  const answers: ((answer: Promise<never>) => void)[] = [];
  const storage = storageWith({ stat: () => new Promise((resolve) => answers.push(resolve)) });
  const { server, port } = await serve({ storage, limits: { maxChannels: 16 } });
  const wire = await Wire.connect(port);
  wire.send('hello version=1\n');
  for (let id = 1; id < 200; id += 2) wire.send(`open id=${id} op=stat path=x\nfuture id=${id}\n`);
  for (const token of [7, 8]) {
    wire.send(`ping token=${token}\n`);
    while ((await wire.line()) !== `pong token=${token}`) continue;
  }
  expect(server.stats().activeRequests).toBe(32);
  expect(answers).toHaveLength(32);
  for (const answer of answers) answer(Promise.reject(new TransferError('EIO')));
  await until(() => server.stats().activeRequests === 0);
});
