/** Rounds in which every contender runs every workload once, and the measurements of each run. */
// @ts-check
import { setTimeout as pause } from 'node:timers/promises';
import { Contender } from '../contender.mjs';
import { contenders as kinds, reasonAgainst } from '../contenders/table.mjs';
import { warmMemory } from './memory.mjs';
import { emptyTargets } from './places.mjs';
import { Meter, isTold, memoryKiB } from './processes.mjs';
import { quantile } from '../results/statistics.mjs';
import { bulkUnits, fullAmount, shareOf, warmUpAmount, workloads } from '../workloads.mjs';

/** @import { Places } from './places.mjs' */
/** @import { Amount, Wanted, Workload } from '../workloads.mjs' */

/**
 * One run. Values that are unknown on this system, or have no meaning for the workload, are absent.
 * @typedef {object} Run
 * @property {number} value - in the workload's unit
 * @property {{ server: number, client: number }} [cpu] - seconds, per unit of the workload
 * @property {{ server: number, client: number }} [peakMiB]
 * @property {number} [p99] - milliseconds, where the value is a time
 * @property {number} [unfairness] - the time of the slowest of many clients, in times of the fastest
 * @property {number} [heapKiB] - of an idle connection, in the heap and in buffers
 */

/** All runs of a contender in a workload, one a round. @typedef {{ workload: string, contender: string, runs: Run[] }} Result */

/**
 * The options of a measurement.
 * @typedef {object} Plan
 * @property {readonly Contender[]} contenders - raw, without which nothing can be compared, and others
 * @property {readonly string[]} workloads
 * @property {number} rounds
 * @property {Wanted} wanted
 * @property {Places} places
 * @property {(round: number) => void} [onRound]
 */

/** Measures. Round 0 warms up. @param {Plan} plan @returns {Promise<Result[]>} */
export async function measure(plan) {
  const { workloads: names, rounds, onRound } = plan;
  /** @type {Result[]} */
  const results = names.flatMap((workload) =>
    plan.contenders
      .filter(({ name }) => reasonAgainst(name, workload) === undefined)
      .map(({ name }) => ({ workload, contender: name, runs: [] })),
  );
  for (let round = 0; round <= rounds; round++) {
    onRound?.(round);
    for (const result of inTurn(results, round)) {
      const run = await runOrGiveUp(plan, result, round === 0);
      if (!run) results.splice(results.indexOf(result), 1);
      else if (round > 0) result.runs.push(run);
    }
  }
  return results;
}

/** A failure is reported, and the contender skips that workload from then on: the others continue. @type {typeof runOnce} */
async function runOrGiveUp(plan, result, isWarmUp) {
  try {
    return await runOnce(plan, result, isWarmUp);
  } catch (error) {
    if (result.contender === 'raw') throw error;
    console.error(`\n${result.contender} gives ${result.workload} up.`, error);
    await plan.contenders.find(({ name }) => name === result.contender)?.restart();
    return undefined;
  }
}

/** The same, but within each workload another contender begins in every round. @type {(results: readonly Result[], round: number) => Result[]} */
function inTurn(results, round) {
  const groups = new Set(results.map(({ workload }) => workload));
  return [...groups].flatMap((group) => {
    const members = results.filter(({ workload }) => workload === group);
    const start = round % members.length;
    return [...members.slice(start), ...members.slice(0, start)];
  });
}

/** @type {(plan: Plan, result: Result, isWarmUp: boolean) => Promise<Run | undefined>} */
async function runOnce({ contenders, wanted, places }, { workload, contender: name }, isWarmUp) {
  const contender = contenders.find((one) => one.name === name);
  const known = workloads[workload];
  if (!contender || !known) throw new Error(`${workload} is not known.`);
  const share = kinds[name]?.share?.[workload] ?? 1;
  const full = isWarmUp ? warmUpAmount(wanted) : fullAmount(wanted);
  const task = { workload, amount: shareOf(full, share) };
  await emptyTargets(places);
  if (known.kind === 'memory') return runIdle(name, task, places);
  if (!isWarmUp) await warmUp(contender, { workload, amount: shareOf(warmUpAmount(wanted), share) }, places);
  await warmMemory(SPARE_MIB + (known.units === bulkUnits ? task.amount.bulkMiB : 0));
  const meter = new Meter(contender.families);
  const answer = await contender.run(task);
  const { server, client } = meter.stop();
  const perUnits = known.perUnits / known.units(task.amount);
  return {
    ...figuresOf(known, task.amount, answer),
    ...(isTold && { cpu: { server: server.cpu * perUnits, client: client.cpu * perUnits } }),
    // A program may have come and gone unseen.
    ...(server.peakMiB > 0 &&
      client.peakMiB > 0 && { peakMiB: { server: server.peakMiB, client: client.peakMiB } }),
  };
}

/**
 * A short run of the same task as a warm-up. V8 discards compiled code of functions that were not called for a while,
 * and a short run would measure its compilation.
 *
 * @type {(contender: Contender, task: { workload: string, amount: Amount }, places: Places) => Promise<void>}
 */
async function warmUp(contender, task, places) {
  await contender.run(task);
  await emptyTargets(places);
}

/** @type {(workload: Workload, amount: Amount, answer: { ms: number, times?: number[] }) => Run} */
function figuresOf(workload, amount, { ms, times }) {
  if (workload.kind === 'time')
    return { value: quantile(times ?? [], 0.5), p99: quantile(times ?? [], 0.99) };
  const value = (workload.units(amount) * 1000) / ms;
  return { value, ...(times && { unfairness: quantile(times, 1) / quantile(times, 0) }) };
}

/** Memory of processes in addition to the copy of a bulk file. */
const SPARE_MIB = 192;

/** Milliseconds until a server has finished its work after a connection. */
const SETTLE_MS = 300;

/**
 * With separate processes, because a server keeps memory of earlier connections: first as many connections as in a
 * warm-up, which pay for one-time allocations, then all of them.
 *
 * @type {(name: string, task: { workload: string, amount: Amount }, places: Places) => Promise<Run>}
 */
async function runIdle(name, { workload, amount }, places) {
  const contender = await Contender.start(name, places);
  const [family] = contender.families;
  const held = async () => {
    await pause(SETTLE_MS);
    const { heapUsed, external, rss } = await contender.memory();
    return { heapKiB: (heapUsed + external) / 1024, residentKiB: memoryKiB(family) || rss / 1024 };
  };
  try {
    await contender.run({ workload, amount: { ...amount, connections: Math.min(50, amount.connections) } });
    const before = await held();
    await contender.run({ workload, amount });
    const after = await held();
    await contender.run({ workload: 'idle-end', amount });
    const each = (/** @type {'heapKiB' | 'residentKiB'} */ key) =>
      (after[key] - before[key]) / amount.connections;
    return { value: each('residentKiB'), ...(!family.isKeeper && { heapKiB: each('heapKiB') }) };
  } finally {
    await contender.stop();
  }
}
