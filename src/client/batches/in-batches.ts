/**
 * Sends any number of items in batches, some at once.
 *
 *     items -> batch: so many files, so many bytes -> send -> results, in the order in which the batches end
 */
import { MAX_BATCHED_FILE_BYTES } from '../../protocol/limits.js';

/** Files of a batch: what a request costs besides its files is then a small part. */
const MAX_FILES = 256;

/** Bytes of the files of a batch, in memory at each end: as many as a fast link carries in some ms. */
const MAX_BYTES = 1024 * 1024;

/** Batches of a call that run at once: one is read, one is on its way, one is written. */
const MAX_RUNNING = 3;

/** What is sent, and how. */
export interface Batching<Item, Result> {
  /** Bytes of the item's file, as far as they are known. */
  bytesOf(item: Item): number | undefined;
  /** Sends a batch. Must not reject for the sake of a single item. */
  send(items: readonly Item[]): Promise<readonly Result[]>;
}

/** The results of all items. Ends with the first batch that rejects, when the others have ended. */
export async function* inBatches<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  batching: Batching<Item, Result>,
): AsyncGenerator<Result, undefined, undefined> {
  const running = new Set<Promise<Ended<Result>>>();
  const next = async (): Promise<readonly Result[]> => {
    const ended = await Promise.race(running);
    running.delete(ended.promise());
    return ended.results;
  };
  try {
    for await (const batch of batches(items, batching)) {
      if (running.size >= MAX_RUNNING) yield* await next();
      running.add(start(batching.send(batch)));
    }
    while (running.size > 0) yield* await next();
  } finally {
    await Promise.allSettled(running);
  }
  return undefined;
}

interface Ended<Result> {
  readonly results: readonly Result[];
  promise(): Promise<Ended<Result>>;
}

/** A promise that tells which one it is. */
function start<Result>(sending: Promise<readonly Result[]>): Promise<Ended<Result>> {
  const promise: Promise<Ended<Result>> = sending.then((results) => ({ results, promise: () => promise }));
  // It is awaited later.
  promise.catch(() => undefined);
  return promise;
}

async function* batches<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { bytesOf }: Pick<Batching<Item, unknown>, 'bytesOf'>,
): AsyncGenerator<Item[], undefined, undefined> {
  let batch: Item[] = [];
  let bytes = 0;
  for await (const item of items) {
    const itemBytes = bytesOf(item) ?? MAX_BATCHED_FILE_BYTES;
    if (batch.length === MAX_FILES || (batch.length > 0 && bytes + itemBytes > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += itemBytes;
  }
  if (batch.length > 0) yield batch;
  return undefined;
}
