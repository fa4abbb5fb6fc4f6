/** The parts of the document: each a chart and tables of some workloads. */
// @ts-check
import { contenders, reasonAgainst } from '../contenders/table.mjs';

/** @import { Recorded } from '../results/record.mjs' */

/** @type {Record<string, readonly string[]>} */
export const groups = {
  bulk: ['download', 'download-file', 'download-disk', 'upload', 'upload-durable'],
  small: ['small-down', 'small-down-1', 'small-up', 'small-up-1'],
  requests: ['stat', 'stat-64', 'ping-64'],
  connections: ['fresh', 'idle', 'clients-100'],
};

/** The workloads of the chart for users. */
export const overview = ['download', 'upload', 'small-down', 'small-up'];

/** The workloads of the table for users. */
export const summarised = [
  ...['download', 'download-file', 'upload', 'small-down', 'small-down-1', 'small-up', 'small-up-1'],
  ...['stat', 'stat-64', 'fresh', 'idle', 'clients-100'],
];

/** The results of a workload, without variants, which have their own table. @type {(recorded: Recorded, workload: string) => Recorded['results']} */
export function resultsOf({ results }, workload) {
  return results.filter((one) => one.workload === workload && !contenders[one.contender]?.base);
}

/** Who of those that were there was left out of a workload, with the reason. @type {(recorded: Recorded, workload: string) => [name: string, reason: string][]} */
export function absentFrom({ options, results }, workload) {
  return options.contenders
    .filter((name) => !contenders[name]?.base)
    .filter((name) => !results.some((one) => one.workload === workload && one.contender === name))
    .map((name) => [name, reasonAgainst(name, workload) ?? 'has failed']);
}

/** The identity of a contender, for colours. @type {(name: string) => string} */
export function kindOf(name) {
  const { scripts, isNative } = contenders[name] ?? {};
  if (scripts === 'socket-ftp') return 'socket-ftp';
  return isNative ? 'servers in C' : 'other packages for Node';
}
