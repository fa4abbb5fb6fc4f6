/** Work on many items at the same time, with the results in the order of the items. */

/** Results that are given together. */
const MAX_BATCH = 512;

/**
 * Yields the results of `work` in the order of the items, in batches. At most `limit` of them run at the same time. Results
 * that are no promises cost no turn. An error ends it; work that still runs then is not awaited.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Result | Promise<Result>,
): AsyncGenerator<Result[], undefined, undefined> {
  let running: (Result | Promise<Result>)[] = [];
  let promises = 0;
  for (const item of items) {
    const result = work(item);
    running.push(result);
    if (result instanceof Promise) {
      promises++;
      // A rejection can come before its turn.
      result.catch(() => undefined);
    }
    if (promises < limit && running.length < MAX_BATCH) continue;
    // With promises, the first of them makes room for the next item.
    const first = running.findIndex((candidate) => candidate instanceof Promise);
    const batch = running.slice(0, first < 0 ? running.length : first + 1);
    running = running.slice(batch.length);
    if (first < 0) {
      yield batch as Result[];
    } else {
      promises--;
      yield await Promise.all(batch);
    }
  }
  if (running.length > 0) yield await Promise.all(running);
  return undefined;
}
