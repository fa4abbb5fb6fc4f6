/** The queues of the strategies alone: the cost to add, start and refuse a request. */
// @ts-check
import { BlockingStrategy, NonBlockingStrategy } from 'socket-ftp';

/** @import { ServerRequest, ServerStrategy } from 'socket-ftp' */
/** @import { Scene } from '../growth.mjs' */

const SIZES = [64, 1_000, 4_096, 100_000];
const MIN_REQUESTS = 20_000;

/** Requests that are being served meanwhile. */
const HOLDERS = 64;

/** Requests beyond the queue; at least as many as those within it. */
const MIN_BEYOND = 2_000;

/** @typedef {(index: number) => Pick<ServerRequest, 'connection' | 'origin'>} Spread */

/** How requests are spread over connections and origins. @type {Record<string, Spread>} */
const spreads = {
  'one connection': () => ({ connection: 1, origin: 'one' }),
  'a connection each': (index) => ({ connection: index, origin: 'one' }),
  'an origin each': (index) => ({ connection: index, origin: String(index) }),
};

/** @type {Record<string, (maxQueuedRequests: number) => ServerStrategy>} */
const strategies = {
  blocking: (maxQueuedRequests) => new BlockingStrategy({ maxQueuedRequests }),
  'non-blocking': (maxQueuedRequests) =>
    new NonBlockingStrategy({ maxQueuedRequests, maxConcurrentRequests: 64 }),
};

/** @param {Scene} scene */
export async function growQueues({ table, max }) {
  for (const [name, make] of Object.entries(strategies)) {
    for (const [spread, of] of Object.entries(spreads)) {
      const what = `${name}, ${spread}`;
      await filledAndServed(make(1_000), 1_000, of);
      const costs = [];
      for (const size of SIZES.filter((one) => one <= max))
        costs.push({ size, ...(await costOf(make, size, of)) });
      for (const { size, served: wallUs } of costs)
        table.add({ what: `${what}: one served`, size, items: size, wallUs });
      for (const { size, refused: wallUs } of costs)
        table.add({ what: `${what}: one refused`, size, items: beyondOf(size), wallUs });
    }
  }
}

/** @type {(make: (size: number) => ServerStrategy, size: number, of: Spread) => Promise<{ served: number, refused: number }>} */
async function costOf(make, size, of) {
  const times = Math.max(1, Math.floor(MIN_REQUESTS / size));
  const mean = { served: 0, refused: 0 };
  for (let time = 0; time < times; time++) {
    const { served, refused } = await filledAndServed(make(size), size, of);
    mean.served += served / times;
    mean.refused += refused / times;
  }
  return mean;
}

/**
 * Fills a queue while some requests block it, adds more than it accepts, and then serves all of them.
 *
 * @type {(strategy: ServerStrategy, size: number, of: Spread) => Promise<{ served: number, refused: number }>}
 */
async function filledAndServed(strategy, size, of) {
  const holders = deferred();
  const all = deferred();
  const tooMany = beyondOf(size);
  let left = HOLDERS + size + tooMany;
  const settled = () => {
    if (--left === 0) all.resolve();
  };
  const submit = (/** @type {number} */ index, /** @type {Promise<void>} */ until) => {
    const run = () => until.then(settled);
    strategy.submit({
      operation: 'stat',
      path: undefined,
      settled: false,
      run,
      reject: settled,
      ...of(index),
    });
  };
  for (let index = 0; index < HOLDERS; index++) submit(index, holders.promise);
  const start = performance.now();
  for (let index = 0; index < size; index++) submit(HOLDERS + index, Promise.resolve());
  const beyond = performance.now();
  // The queue holds the holders that may not run, too, so that these are all too many.
  for (let index = 0; index < tooMany; index++) submit(HOLDERS + (index % size), Promise.resolve());
  const refusedMs = performance.now() - beyond;
  holders.resolve();
  await all.promise;
  const servedMs = performance.now() - start - refusedMs;
  return { served: (servedMs / size) * 1000, refused: (refusedMs / tooMany) * 1000 };
}

/** @param {number} size */
function beyondOf(size) {
  return Math.max(MIN_BEYOND, size);
}

function deferred() {
  /** @type {() => void} */
  let resolve = () => undefined;
  /** @type {Promise<void>} */
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
