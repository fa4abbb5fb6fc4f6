/** What a workload is, and the kinds of workloads. */
// @ts-check

/** @import { Session } from '../contenders/session.mjs' */
/** @import { Places } from '../measuring/places.mjs' */
/** @import { Amount } from './amounts.mjs' */

/**
 * What the run of a workload works with, in the process of the client.
 * @typedef {object} Scene
 * @property {Session} session - the one that the client keeps from run to run
 * @property {() => Session} connect - makes another one, for the run alone; its connection is made by its first request
 * @property {(session: Session) => void} keep - leaves a session open until the parent process asks to close it
 * @property {Program | undefined} program - a whole program that fetches a small file
 * @property {Amount} amount
 * @property {Places} places
 */

/** A program in two parts: what it imports, and what it does then. @typedef {{ imports: string, body: string }} Program */

/**
 * What was measured besides the time of everything: milliseconds of each part where these count, and of an import.
 * @typedef {{ times?: number[], importMs?: number }} Outcome
 */

/**
 * `rate`: units a second, more is better. `time`: milliseconds of one. `memory`: KiB of one.
 * @typedef {object} Workload
 * @property {string} title
 * @property {'rate' | 'time' | 'memory'} kind
 * @property {string} unit
 * @property {string} cpuUnit - the unit of CPU time
 * @property {number} cpuFactor - turns CPU seconds per unit of the workload into it
 * @property {(amount: Amount) => number} units
 * @property {(scene: Scene) => Promise<Outcome | void>} run
 * @property {boolean} [isFirst] - whether each run has processes of its own and no warm-up
 * @property {boolean} [isProgram] - whether it starts programs of its own, whose peak memory is not that of the client
 */

/** How many small files or requests are in flight at once. */
export const AT_ONCE = 64;

/** @type {Workload['units']} */
const bulkUnits = ({ bulkMiB }) => bulkMiB;

/** @type {(title: string, run: Workload['run'], units?: Workload['units']) => Workload} */
export function bulk(title, run, units = bulkUnits) {
  return { title, kind: 'rate', unit: 'MiB/s', cpuUnit: 's/GiB', cpuFactor: 1024, units, run };
}

/** @type {(title: string, run: Workload['run']) => Workload} */
export function small(title, run) {
  const units = (/** @type {Amount} */ { files }) => files;
  return { title, kind: 'rate', unit: 'files/s', cpuUnit: 'us/file', cpuFactor: 1e6, units, run };
}

/** @type {(title: string, run: Workload['run']) => Workload} */
export function requests(title, run) {
  const units = (/** @type {Amount} */ amount) => amount.requests;
  return { title, kind: 'rate', unit: 'requests/s', cpuUnit: 'us/request', cpuFactor: 1e6, units, run };
}

/** @type {(title: string, of: { run: Workload['run'], units: Workload['units'] }) => Workload} */
export function connections(title, { run, units }) {
  return { title, kind: 'time', unit: 'ms', cpuUnit: 'us/connection', cpuFactor: 1e6, units, run };
}
