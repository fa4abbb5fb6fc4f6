import { describe, expect, it } from 'vitest';
import { strategyContract } from '../../../src/contracts/strategy/strategy-contract.js';
import {
  BlockingStrategy,
  NonBlockingStrategy,
  type ServerRequest,
  type ServerStrategy,
} from '../../../src/index.js';

const strategies: Record<string, () => ServerStrategy> = {
  'blocking, with defaults': () => new BlockingStrategy(),
  'non-blocking, with defaults': () => new NonBlockingStrategy(),
  blocking: () => new BlockingStrategy({ maxQueuedRequests: 10 }),
  'non-blocking': () => new NonBlockingStrategy({ maxConcurrentRequests: 4, maxQueuedRequests: 10 }),
  'non-blocking, one at once': () =>
    new NonBlockingStrategy({ maxConcurrentRequests: 1, maxQueuedRequests: 10 }),
};

describe.each(Object.entries(strategies))('%s', (_name, make) => {
  for (const { name, run } of strategyContract(make)) it(name, run);
});

it('the contract detects a strategy that drops requests', async () => {
  const forgetful: ServerStrategy = { name: 'forgetful', submit: () => undefined };
  const [, alone] = strategyContract(() => forgetful);
  const outcome = await Promise.race([
    alone?.run(),
    new Promise((resolve) => setImmediate(resolve, 'hangs')),
  ]);
  expect(outcome).toBe('hangs');
});

it('the contract detects a strategy that serves a request twice', async () => {
  const double: ServerStrategy = {
    name: 'double',
    submit(request) {
      void request.run();
      void request.run();
    },
  };
  await expect(strategyContract(() => double)[1]?.run()).rejects.toThrow();
});

/** A request that runs until it is ended, and records its start. Ten connections share an address. */
function held(connection: number, name: string, log: string[]): ServerRequest & { end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    operation: 'stat',
    path: name,
    connection,
    origin: `address ${Math.floor(connection / 10)}`,
    run: () => {
      log.push(name);
      return ended;
    },
    settled: false,
    reject: ({ code }) => log.push(`${name} ${code}`),
    end,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('blocking serves in order of arrival, each request after the end of the previous one', async () => {
  const log: string[] = [];
  const strategy = new BlockingStrategy({ maxQueuedRequests: 10 });
  const requests = [held(1, 'a', log), held(2, 'b', log), held(1, 'c', log)];
  for (const request of requests) strategy.submit(request);
  const seen = [];
  for (const request of requests) {
    await turn();
    seen.push(log.join(''));
    request.end();
  }
  expect(seen).toEqual(['a', 'ab', 'abc']);
});

it('blocking refuses requests beyond its queue with EAGAIN', () => {
  const log: string[] = [];
  const strategy = new BlockingStrategy({ maxQueuedRequests: 1 });
  for (const name of ['a', 'b', 'c']) strategy.submit(held(1, name, log));
  expect(log).toEqual(['a', 'c EAGAIN']);
});

it('non-blocking starts queued requests of connections in turn', async () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 1, maxQueuedRequests: 10 });
  const many = ['a1', 'a2', 'a3'].map((name) => held(1, name, log));
  const few = [held(2, 'b1', log), held(3, 'c1', log)];
  const all = [...many, ...few];
  for (const request of all) strategy.submit(request);
  for (const request of all) request.end();
  while (log.length < all.length) await turn();
  expect(log).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
});

it('non-blocking serves up to its limit in parallel, and refuses beyond its queue', () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 2, maxQueuedRequests: 1 });
  strategy.submit(held(1, 'a', log));
  strategy.submit(held(11, 'b', log));
  strategy.submit(held(1, 'c', log));
  strategy.submit(held(1, 'd', log));
  expect(log).toEqual(['a', 'b', 'd EAGAIN']);
});

it('non-blocking lets an origin have as many places as it leaves to others, and starts the rest later', async () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 8, maxQueuedRequests: 10 });
  const many = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name, index) => held(index, name, log));
  for (const request of many) strategy.submit(request);
  expect(log).toEqual(['a1', 'a2', 'a3', 'a4']);
  for (const name of ['b1', 'b2', 'b3']) strategy.submit(held(11, name, log));
  expect(log.splice(0)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);
  strategy.submit(held(21, 'c1', log));
  expect(log.splice(0)).toEqual(['c1']);
  for (const request of many) request.end();
  await turn();
  expect(log).toEqual(['a5', 'b3']);
});

it('non-blocking reserves the last places for origins without an active request', () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 32, maxQueuedRequests: 1_000 });
  for (let origin = 0; origin < 7; origin += 1) {
    for (let request = 0; request < 32; request += 1) strategy.submit(held(10 * origin, `${origin}`, log));
  }
  const counts = [0, 1, 2, 3, 4, 5, 6].map((origin) => log.filter((name) => name === `${origin}`).length);
  expect(counts).toEqual([16, 8, 4, 1, 1, 1, 1]);
});

it('non-blocking serves the connections of an origin in turn, and the origins in turn', async () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 1, maxQueuedRequests: 10 });
  const all = [held(1, 'a1', log), held(1, 'a2', log), held(1, 'a3', log), held(2, 'a4', log)];
  all.push(held(11, 'b1', log), held(11, 'b2', log));
  for (const request of all) strategy.submit(request);
  for (const request of all) request.end();
  while (log.length < all.length) await turn();
  expect(log).toEqual(['a1', 'a2', 'b1', 'a4', 'b2', 'a3']);
});

it('non-blocking makes room for an origin by refusing a request of the origin with the most queued', () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 1, maxQueuedRequests: 3 });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) strategy.submit(held(1, name, log));
  expect(log.splice(0)).toEqual(['a1', 'a5 EAGAIN']);
  for (const name of ['b1', 'b2']) strategy.submit(held(11, name, log));
  expect(log).toEqual(['a4 EAGAIN', 'b2 EAGAIN']);
});

describe('the defaults of a strategy', () => {
  /** Submits requests that run until the end of the test; returns the names of those that run, and the codes of the others. */
  function submitted(strategy: ServerStrategy, count: number): string[] {
    const log: string[] = [];
    // One connection of an address of its own each.
    for (let index = 0; index < count; index += 1) strategy.submit(held(index * 10, 'runs', log));
    return log;
  }

  it('run 256 requests at once and queue 4,096', () => {
    const log = submitted(new NonBlockingStrategy(), 256 + 4_096 + 1);
    expect(log.filter((line) => line === 'runs')).toHaveLength(256);
    expect(log.filter((line) => line === 'runs EAGAIN')).toHaveLength(1);
  });

  it('queue 4,096 requests behind the one that runs', () => {
    const log = submitted(new BlockingStrategy(), 1 + 4_096 + 1);
    expect(log).toEqual(['runs', 'runs EAGAIN']);
  });
});

describe('a wrong option of a strategy is a TypeError', () => {
  it.each([
    [() => new BlockingStrategy({ maxQueuedRequests: -1 }), /maxQueuedRequests must be/],
    [() => new NonBlockingStrategy({ maxConcurrentRequests: 0 }), /maxConcurrentRequests must be/],
    [() => new NonBlockingStrategy({ maxQueued: 5 } as object), /no option maxQueued/],
  ])('%s', (make, message) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});
