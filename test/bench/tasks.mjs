/** The client's side of the bench, whoever contends: takes tasks from the parent process, and measures them. */
// @ts-check

/** @import { Answer, Task } from './contenders.mjs' */
/** @import { Amount } from './workloads.mjs' */

/**
 * Answers tasks until the parent process is gone.
 *
 * @param {Record<string, (amount: Amount) => Promise<unknown>>} runs - what to do for each workload
 * @param {() => Promise<unknown>} end
 */
export function serveTasks(runs, end) {
  process.on('message', (message) => {
    const { workload, amount } = /** @type {Task} */ (message);
    void measured(() => runs[workload]?.(amount)).then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => void end());
}

/**
 * @param {() => Promise<unknown> | undefined} run
 * @returns {Promise<Answer>}
 */
async function measured(run) {
  const start = performance.now();
  try {
    await run();
  } catch (error) {
    return { failure: String(error) };
  }
  return { ms: performance.now() - start };
}
