/** The figures of a run that are compared with others, and with bounds. */
// @ts-check
import { workloads } from '../workloads/table.mjs';

/** @import { Run } from '../measuring/run.mjs' */

/** @typedef {'value' | 'cpu' | 'serverPeak' | 'clientPeak' | 'unfairness'} FigureName */

/** NaN where a figure is unknown. @type {Record<FigureName, (run: Run | undefined) => number>} */
export const figures = {
  value: (run) => run?.value ?? NaN,
  cpu: (run) => (run?.cpu ? run.cpu.server + run.cpu.client : NaN),
  serverPeak: (run) => run?.peakMiB?.server ?? NaN,
  clientPeak: (run) => run?.peakMiB?.client ?? NaN,
  unfairness: (run) => run?.unfairness ?? NaN,
};

/** The value of a workload has its own unit. @type {Record<Exclude<FigureName, 'value'>, string>} */
export const figureTitles = {
  cpu: 'CPU time',
  serverPeak: 'peak MiB of the server',
  clientPeak: 'peak MiB of the client',
  unfairness: 'slowest / fastest',
};

/** @type {(workload: string, figure: FigureName) => boolean} */
export function isMoreBetter(workload, figure) {
  return figure === 'value' && workloads[workload]?.kind === 'rate';
}
