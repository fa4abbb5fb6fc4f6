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
 * Runs an action for every number below `count`; resolves with the milliseconds of each. If an action resolves with
 * a function, the function ends the action, and is awaited off the clock.
 *
 * @param {number} count
 * @param {number} atOnce
 * @param {(index: number) => Promise<unknown>} action
 */
export async function timesOf(count, atOnce, action) {
  const times = /** @type {number[]} */ (new Array(count).fill(0));
  await forEachAtOnce(count, atOnce, async (index) => {
    const start = performance.now();
    const end = await action(index);
    times[index] = performance.now() - start;
    if (isEnd(end)) await end();
  });
  return times;
}

/** @type {(value: unknown) => value is () => unknown} */
function isEnd(value) {
  return typeof value === 'function';
}
