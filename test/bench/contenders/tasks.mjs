/** The client side of the bench, for every contender: runs tasks from the parent process, and measures them. */
// @ts-check
import { workloads } from '../workloads/table.mjs';

/** @import { Answer, Task } from '../contender.mjs' */
/** @import { Places } from '../measuring/places.mjs' */
/** @import { Amount } from '../workloads/amounts.mjs' */
/** @import { Outcome, Program, Scene } from '../workloads/workload.mjs' */
/** @import { Session } from './session.mjs' */

/** A run by a program that does all of a workload by itself. @typedef {(amount: Amount) => Promise<Outcome | void>} Run */

/**
 * What a client is made of.
 * @typedef {object} Client
 * @property {Places} places
 * @property {() => Session} connect
 * @property {Program} [program]
 * @property {Record<string, Run>} [runs] - of workloads that it does in its own way
 */

/** Answers tasks until the parent process is gone. @param {Client} client */
export function serveTasks(client) {
  const { connect, places, program, runs } = client;
  const session = connect();
  /** @type {Set<Session>} */
  const kept = new Set();
  const keep = (/** @type {Session} */ one) => void kept.add(one);
  /** @type {(task: Task) => Promise<Outcome | void>} */
  const run = async ({ workload, amount }) => {
    const scene = { session, connect, keep, program, amount, places };
    if (workload === 'idle-end') return closeAll(kept);
    return runs?.[workload]?.(amount) ?? runIn(scene, workload);
  };
  process.on('message', (message) => {
    void measured(run, /** @type {Task} */ (message)).then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => void Promise.resolve(session.close()).finally(() => process.exit()));
  process.send?.('ready');
}

/** @type {(scene: Scene, name: string) => Promise<Outcome | void>} */
async function runIn(scene, name) {
  const workload = workloads[name];
  if (!workload) throw new Error('it has no such workload');
  return workload.run(scene);
}

/** @type {(run: (task: Task) => Promise<Outcome | void>, task: Task) => Promise<Answer>} */
async function measured(run, task) {
  const start = performance.now();
  try {
    const outcome = await run(task);
    return { ms: performance.now() - start, ...outcome };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** @param {Set<Session>} sessions */
async function closeAll(sessions) {
  const all = [...sessions];
  sessions.clear();
  await Promise.all(all.map((one) => one.close()));
}
