/** A chart of the CPU time that a GiB costs, of both ends. */
// @ts-check
import { summaryOf } from '../results/statistics.mjs';
import { workloads } from '../workloads/table.mjs';
import { resultsOf } from '../results/selection.mjs';

/** @import { Recorded } from '../results/record.mjs' */

const WORKLOADS = ['pipeline', 'download-file', 'upload-file'];
const PLOT_WIDTH = 260;
const BAR_STEP = 19;

const sides = /** @type {const} */ (['server', 'client']);

/** @param {Recorded} recorded */
export function cpuChart(recorded) {
  return {
    columns: 2,
    spacing: 40,
    concat: WORKLOADS.map((name) => ({
      title: workloads[name]?.title ?? '',
      data: { values: partsOf(recorded, name) },
      width: PLOT_WIDTH,
      height: { step: BAR_STEP },
      mark: { type: 'bar', height: 11 },
      encoding: {
        y: {
          field: 'name',
          type: 'nominal',
          title: null,
          sort: { field: 'seconds', op: 'sum', order: 'ascending' },
          axis: { domain: false, ticks: false },
        },
        x: { field: 'seconds', type: 'quantitative', title: 'CPU seconds a GiB, less is better' },
        color: {
          field: 'side',
          type: 'nominal',
          title: null,
          scale: { domain: sides, range: ['#388bfd', '#a5c7f5'] },
          legend: { orient: 'top' },
        },
        order: { field: 'side', sort: 'descending' },
      },
    })),
  };
}

/** @type {(recorded: Recorded, workload: string) => { name: string, side: string, seconds: number }[]} */
function partsOf(recorded, workload) {
  return resultsOf(recorded, workload)
    .filter(({ runs }) => runs[0]?.cpu)
    .flatMap(({ contender: name, runs }) =>
      sides.map((side) => ({
        name,
        side,
        seconds: summaryOf(runs.map(({ cpu }) => cpu?.[side] ?? NaN)).median,
      })),
    );
}
