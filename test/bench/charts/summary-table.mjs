/** The table for users: socket-ftp with the codec `binary`, and the others, in times of raw. */
// @ts-check
import { OURS, RAW, contenders } from '../contenders/table.mjs';
import { UNKNOWN, figure } from '../results/figure.mjs';
import { summaryOf } from '../results/statistics.mjs';
import { workloads } from '../workloads/table.mjs';
import { resultsOf } from '../results/selection.mjs';
import { summarised } from './groups.mjs';
import { measuredBy } from '../results/tables.mjs';

/** @import { Recorded } from '../results/record.mjs' */

/** @param {Recorded} recorded */
export function summaryTable(recorded) {
  const others = recorded.options.contenders.filter(
    (name) => name !== RAW && contenders[name]?.scripts !== 'socket-ftp',
  );
  const names = [OURS, ...others];
  const lines = [
    ['workload', 'socket-ftp', 'times raw', ...others],
    ['---', ...names.map(() => '--:'), '--:'],
    ...summarised.flatMap((workload) => rowOf(recorded, workload, names)),
  ];
  return `${measuredBy(recorded)}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
}

/** @type {(recorded: Recorded, workload: string, names: readonly string[]) => string[][]} */
function rowOf(recorded, workload, names) {
  const results = resultsOf(recorded, workload);
  const resultOf = (/** @type {string} */ name) => results.find(({ contender }) => contender === name);
  const ours = resultOf(OURS);
  if (!ours) return [];
  const { title = '', unit = '', kind = 'rate' } = workloads[workload] ?? {};
  const value = figure(summaryOf(ours.runs.map((run) => run.value)).median);
  const ratios = names.map((name) => {
    const result = resultOf(name);
    return result ? figure(summaryOf(result.ratios.toRaw).median) : UNKNOWN;
  });
  return [[kind === 'rate' ? title : `${title}; less is better`, `${value} ${unit}`, ...ratios]];
}
