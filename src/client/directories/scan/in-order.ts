/** Work on many items at the same time, with the results in the order of the items. */

/**
 * Yields the results of `work` in the order of the items. At most `limit` of them run at the same time, and results that
 * are no promises cost no turn. An error ends it; work that still runs then is not awaited.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Result | Promise<Result>,
): AsyncGenerator<Result, undefined, undefined> {
  const running: (Result | Promise<Result>)[] = [];
  for (const item of items) {
    const result = work(item);
    if (running.length === 0 && !(result instanceof Promise)) {
      yield result;
      continue;
    }
    // A rejection can come before its turn.
    if (result instanceof Promise) result.catch(() => undefined);
    running.push(result);
    if (running.length >= limit) yield (await running.shift()) as Result;
  }
  for (const result of running) yield await result;
  return undefined;
}
