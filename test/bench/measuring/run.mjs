/** One run of a workload by a contender, with what it has used. */
// @ts-check
import { meanOf, quantile } from '../results/statistics.mjs';
import { workloads } from '../workloads/table.mjs';
import { warmMemory } from './memory.mjs';
import { emptyTargets } from './places.mjs';
import { Meter, isTold } from './processes.mjs';

/** @import { Contender, Done, Task } from '../contender.mjs' */
/** @import { Workload } from '../workloads/workload.mjs' */
/** @import { Places } from './places.mjs' */

/** Of both ends. @typedef {{ server: number, client: number }} Ends */

/**
 * Values that are unknown on this system, or have no meaning for the workload, are absent.
 * @typedef {object} Run
 * @property {number} value - in the workload's unit
 * @property {Ends} [cpu] - in the workload's unit of CPU time
 * @property {Ends} [peakMiB]
 * @property {number} [p99] - milliseconds, where the value is a time
 * @property {number} [unfairness] - the time of the slowest of many clients, in times of the fastest
 * @property {number} [importMs] - milliseconds of the import of a program
 * @property {number} [heapKiB] - of an idle connection, in the heap and in buffers
 */

/** Memory of processes in addition to the copy of a bulk file. */
const SPARE_MIB = 192;

/**
 * A little of the task, which does not count: V8 drops the code of functions that were not called for a while.
 *
 * @type {(contender: Contender, task: Task, places: Places) => Promise<void>}
 */
export async function warmUp(contender, task, places) {
  await contender.run(task);
  await emptyTargets(places);
}

/** @type {(contender: Contender, task: Task) => Promise<Run>} */
export async function warmRun(contender, task) {
  const isBulk = workloads[task.workload]?.unit === 'MiB/s';
  await warmMemory(SPARE_MIB + (isBulk ? task.amount.bulkMiB : 0));
  return firstRun(contender, task);
}

/** A run as it is, whatever the processes have done before. @type {(contender: Contender, task: Task) => Promise<Run>} */
export async function firstRun(contender, task) {
  const workload = /** @type {Workload} */ (workloads[task.workload]);
  const meter = new Meter(contender.families);
  const done = await contender.run(task);
  const { server, client } = meter.stop();
  const factor = workload.cpuFactor / workload.units(task.amount);
  return {
    ...figuresOf(workload, workload.units(task.amount), done),
    ...(isTold && { cpu: { server: server.cpu * factor, client: client.cpu * factor } }),
    // A program may have come and gone unseen.
    ...(!workload.isProgram &&
      server.peakMiB > 0 &&
      client.peakMiB > 0 && { peakMiB: { server: server.peakMiB, client: client.peakMiB } }),
  };
}

/** @type {(workload: Workload, units: number, done: Done) => Run} */
function figuresOf({ kind, isFirst }, units, { ms, times, importMs }) {
  if (kind === 'rate') {
    return {
      value: (units * 1000) / ms,
      ...(times && { unfairness: quantile(times, 1) / quantile(times, 0) }),
    };
  }
  return {
    // The first of all is slow, and counts.
    value: isFirst ? meanOf(times ?? []) : quantile(times ?? [], 0.5),
    p99: quantile(times ?? [], 0.99),
    ...(importMs !== undefined && { importMs }),
  };
}
