/** Many things to do, some of them at once. */
// @ts-check

/**
 * Does something for every number below `count`, so many at once.
 *
 * @param {number} count
 * @param {number} atOnce
 * @param {(index: number) => unknown} action
 */
export async function forEachAtOnce(count, atOnce, action) {
  let next = 0;
  const worker = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker));
}
