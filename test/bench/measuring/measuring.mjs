/**
 * Workloads one after another, each in rounds in which every contender runs it once: what slows the machine for a while
 * slows all of them. A contender keeps its processes for the rounds of a workload, so that they are warm, and have the
 * memory of no other workload.
 */
// @ts-check
import { Contender } from '../contender.mjs';
import { RAW, reasonAgainst } from '../contenders/table.mjs';
import { workloads } from '../workloads/table.mjs';
import { idleMemory } from './idle-memory.mjs';
import { emptyTargets } from './places.mjs';
import { firstRun, warmRun, warmUp } from './run.mjs';
import { taskOf } from './task-of.mjs';

/** @import { Wanted } from '../workloads/amounts.mjs' */
/** @import { Places } from './places.mjs' */
/** @import { Run } from './run.mjs' */

/** All runs of a contender in a workload, one a round. @typedef {{ workload: string, contender: string, runs: Run[] }} Result */

/**
 * The options of a measurement.
 * @typedef {object} Plan
 * @property {readonly string[]} contenders - raw, without which nothing can be compared, and others
 * @property {readonly string[]} workloads
 * @property {number} rounds
 * @property {Wanted} wanted
 * @property {Places} places
 * @property {string} [profiles] - a folder for CPU profiles
 * @property {(round: number, result: Result) => void} [onRun] - round 0 warms up
 */

/** The processes that are kept, by contender. @typedef {Map<string, Contender>} Kept */

/** @param {Plan} plan @returns {Promise<Result[]>} */
export async function measure(plan) {
  /** @type {Result[]} */
  const results = [];
  for (const workload of plan.workloads) results.push(...(await measureWorkload(plan, workload)));
  return results;
}

/** @type {(plan: Plan, workload: string) => Promise<Result[]>} */
async function measureWorkload(plan, workload) {
  /** @type {Result[]} */
  let results = plan.contenders
    .filter((name) => reasonAgainst(name, workload) === undefined)
    .map((contender) => ({ workload, contender, runs: [] }));
  /** @type {Kept} */
  const kept = new Map();
  try {
    for (let round = 0; round <= plan.rounds; round++) {
      for (const result of inTurn(results, round)) {
        plan.onRun?.(round, result);
        const isDone = await runOrSkip(plan, kept, { result, isWarmUp: round === 0 });
        if (!isDone) results = results.filter((one) => one !== result);
      }
    }
  } finally {
    for (const contender of kept.values()) await contender.stop();
  }
  return results;
}

/** A failure is reported, and the contender skips that workload from then on: the others continue. @type {(plan: Plan, kept: Kept, what: { result: Result, isWarmUp: boolean }) => Promise<boolean>} */
async function runOrSkip(plan, kept, what) {
  const { workload, contender } = what.result;
  try {
    await run(plan, kept, what);
    return true;
  } catch (error) {
    if (contender === RAW) throw error;
    console.error(`\n${contender} skips ${workload} from now on.`, error);
    return false;
  }
}

/** @type {(plan: Plan, kept: Kept, what: { result: Result, isWarmUp: boolean }) => Promise<void>} */
async function run({ wanted, places, profiles }, kept, { result, isWarmUp }) {
  const { workload: name, contender: of, runs } = result;
  const profile = profiles === undefined ? undefined : { folder: profiles, prefix: `${name}-` };
  const start = () => Contender.start(of, places, profile);
  const task = taskOf({ workload: name, contender: of, wanted });
  await emptyTargets(places);
  if (workloads[name]?.kind === 'memory' || workloads[name]?.isFirst) {
    const runNew = workloads[name].isFirst ? firstRun : idleMemory;
    if (!isWarmUp) runs.push(await alone(start, (contender) => runNew(contender, task)));
    return;
  }
  const contender = kept.get(of) ?? (await start());
  kept.set(of, contender);
  const short = taskOf({ workload: name, contender: of, wanted, isWarmUp: true });
  await warmUp(contender, short, places);
  if (!isWarmUp) runs.push(await warmRun(contender, task));
}

/** In processes of its own. @type {(start: () => Promise<Contender>, action: (contender: Contender) => Promise<Run>) => Promise<Run>} */
async function alone(start, action) {
  const contender = await start();
  try {
    return await action(contender);
  } finally {
    await contender.stop();
  }
}

/** The same, but another contender begins in every round. @type {(results: readonly Result[], round: number) => Result[]} */
function inTurn(results, round) {
  const start = round % results.length;
  return [...results.slice(start), ...results.slice(0, start)];
}
