/** The work of a strategy for each request must not grow with the number of queued requests. */
import { describe, expect, it } from 'vitest';
import {
  BlockingStrategy,
  NonBlockingStrategy,
  type ServerRequest,
  type ServerStrategy,
} from '../../../src/index.js';

const QUEUED = 4_096;

type Who = Pick<ServerRequest, 'connection' | 'origin'>;

const strategies: Record<string, () => ServerStrategy> = {
  blocking: () => new BlockingStrategy({ maxQueuedRequests: QUEUED }),
  'non-blocking': () => new NonBlockingStrategy({ maxConcurrentRequests: 1, maxQueuedRequests: QUEUED }),
};

const spreads: Record<string, (index: number) => Who> = {
  'of one connection': () => ({ connection: 1, origin: 'one' }),
  'of a connection each': (index) => ({ connection: index, origin: 'one' }),
  'of an origin each': (index) => ({ connection: index, origin: `${index}` }),
};

/** Requests of which each look at whether they are over is counted; they are served without end. */
class Crowd {
  looks = 0;
  refused = 0;
  readonly over = new Set<number>();
  readonly #whoOf: (index: number) => Who;
  #count = 0;

  constructor(whoOf: (index: number) => Who) {
    this.#whoOf = whoOf;
  }

  /** Lets so many more come. */
  come(strategy: ServerStrategy, count: number): void {
    for (let left = count; left > 0; left--) strategy.submit(this.#request(this.#count++));
  }

  #request(index: number): ServerRequest {
    const isOver = (): boolean => {
      this.looks += 1;
      return this.over.has(index);
    };
    return {
      operation: 'stat',
      path: undefined,
      ...this.#whoOf(index),
      get settled() {
        return isOver();
      },
      run: () => new Promise(() => undefined),
      reject: () => void (this.refused += 1),
    };
  }
}

describe.each(Object.entries(strategies))('%s', (_name, make) => {
  describe.each(Object.entries(spreads))('with requests %s', (_spread, whoOf) => {
    it('examines few queued requests for each refusal', () => {
      const [strategy, crowd] = [make(), new Crowd(whoOf)];
      crowd.come(strategy, 1 + QUEUED);
      expect(crowd.refused).toBe(0);
      crowd.come(strategy, QUEUED);
      expect(crowd.refused).toBe(QUEUED);
      expect(crowd.looks).toBeLessThan(32 * QUEUED);
    });

    it('frees the places of requests that were answered in the queue', () => {
      const [strategy, crowd] = [make(), new Crowd(whoOf)];
      crowd.come(strategy, 1 + QUEUED);
      for (let index = 1; index <= 100; index++) crowd.over.add(index);
      crowd.come(strategy, 100);
      expect(crowd.refused).toBe(0);
      crowd.come(strategy, 1);
      expect(crowd.refused).toBe(1);
    });

    it('finds such places repeatedly, though not at once under load', () => {
      const [strategy, crowd] = [make(), new Crowd(whoOf)];
      crowd.come(strategy, 1 + QUEUED + 1);
      crowd.over.add(1);
      crowd.come(strategy, QUEUED / 16);
      expect(crowd.refused).toBe(1 + QUEUED / 16 - 1);
    });
  });
});
