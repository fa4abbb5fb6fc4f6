/** The client side of the bench, for every contender: runs tasks from the parent process, and measures them. */
// @ts-check

/** @import { Answer, Task } from '../contender.mjs' */
/** @import { Amount } from '../workloads.mjs' */

/**
 * The run of a workload by a client; resolves with the milliseconds of its parts, where these count.
 * @typedef {(amount: Amount) => Promise<number[] | void>} Run
 */

/**
 * Answers tasks until the parent process is gone.
 *
 * @param {Record<string, Run>} runs - what to do for each workload; `idle` makes connections
 * @param {{ letGo?: () => Promise<unknown>, close?: () => Promise<unknown> }} [ends] - how to let idle connections go
 */
export function serveTasks(runs, { letGo, close } = {}) {
  const all = {
    ...runs,
    'idle-end': async () => {
      await letGo?.();
    },
  };
  process.on('message', (message) => {
    void measured(all, /** @type {Task} */ (message)).then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => void Promise.resolve(close?.()).finally(() => process.exit()));
  process.send?.('ready');
}

/** @type {(runs: Record<string, Run>, task: Task) => Promise<Answer>} */
async function measured(runs, { workload, amount }) {
  const start = performance.now();
  try {
    const run = runs[workload];
    if (!run) throw new Error('it has no such workload');
    const times = await run(amount);
    return { ms: performance.now() - start, ...(times && { times }) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
