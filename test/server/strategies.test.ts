import { describe, expect, it } from 'vitest';
import { strategyContract } from '../../src/contracts/strategy-contract.js';
import {
  BlockingStrategy,
  NonBlockingStrategy,
  type ServerRequest,
  type ServerStrategy,
} from '../../src/index.js';

const strategies: Record<string, () => ServerStrategy> = {
  blocking: () => new BlockingStrategy({ maxQueuedRequests: 10 }),
  'non-blocking': () => new NonBlockingStrategy({ maxConcurrentRequests: 4, maxQueuedRequests: 10 }),
  'non-blocking, one at once': () =>
    new NonBlockingStrategy({ maxConcurrentRequests: 1, maxQueuedRequests: 10 }),
};

describe.each(Object.entries(strategies))('%s', (_name, make) => {
  for (const { name, run } of strategyContract(make)) it(name, run);
});

it('the contract finds a strategy that forgets requests', async () => {
  const forgetful: ServerStrategy = { name: 'forgetful', submit: () => undefined };
  const [, alone] = strategyContract(() => forgetful);
  const outcome = await Promise.race([
    alone?.run(),
    new Promise((resolve) => setImmediate(resolve, 'hangs')),
  ]);
  expect(outcome).toBe('hangs');
});

it('the contract finds a strategy that serves a request twice', async () => {
  const double: ServerStrategy = {
    name: 'double',
    submit(request) {
      void request.run();
      void request.run();
    },
  };
  await expect(strategyContract(() => double)[1]?.run()).rejects.toThrow();
});

/** A request that runs until it is told to end, and writes down when it began. */
function held(connection: number, name: string, log: string[]): ServerRequest & { end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    operation: 'stat',
    path: name,
    connection,
    run: () => {
      log.push(name);
      return ended;
    },
    over: false,
    refuse: ({ code }) => log.push(`${name} ${code}`),
    end,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('blocking serves in order of arrival, the next only after the end of the one before', async () => {
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

it('blocking refuses with EAGAIN what goes beyond its queue', () => {
  const log: string[] = [];
  const strategy = new BlockingStrategy({ maxQueuedRequests: 1 });
  for (const name of ['a', 'b', 'c']) strategy.submit(held(1, name, log));
  expect(log).toEqual(['a', 'c EAGAIN']);
});

it('non-blocking lets connections take turns in starting what waits', async () => {
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

it('non-blocking serves up to its limit at once, and refuses beyond its queue', () => {
  const log: string[] = [];
  const strategy = new NonBlockingStrategy({ maxConcurrentRequests: 2, maxQueuedRequests: 1 });
  for (const name of ['a', 'b', 'c', 'd']) strategy.submit(held(1, name, log));
  expect(log).toEqual(['a', 'b', 'd EAGAIN']);
});
