/** Many things to do, so many of them at once. */
// @ts-check

/**
 * Does something for every number below `count`.
 *
 * @param {number} count
 * @param {number} atOnce
 * @param {(index: number) => Promise<unknown>} action
 */
export async function forEachAtOnce(count, atOnce, action) {
  let next = 0;
  const worker = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker));
}

/**
 * Runs an action for every item; resolves with the milliseconds of each.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {number} atOnce
 * @param {(item: Item) => Promise<unknown>} action
 */
export async function timesOf(items, atOnce, action) {
  const times = /** @type {number[]} */ (new Array(items.length).fill(0));
  await forEachAtOnce(items.length, atOnce, async (index) => {
    const start = performance.now();
    await action(/** @type {Item} */ (items[index]));
    times[index] = performance.now() - start;
  });
  return times;
}

/**
 * Runs an action so often, one after another; resolves with the milliseconds of each. If it resolves with a function,
 * that ends the action, and is awaited off the clock.
 *
 * @param {number} count
 * @param {() => Promise<void | (() => unknown)>} action
 */
export async function timesInTurn(count, action) {
  /** @type {number[]} */
  const times = [];
  while (times.length < count) {
    const start = performance.now();
    const end = await action();
    times.push(performance.now() - start);
    await end?.();
  }
  return times;
}
