/** A chart of ratios to raw: bars go from raw to the left and to the right, as far for twice as for half as much. */
// @ts-check
import { figure } from '../results/figure.mjs';
import { summaryOf } from '../results/statistics.mjs';
import { workloads } from '../workloads/table.mjs';
import { colours } from './draw.mjs';
import { resultsOf } from '../results/selection.mjs';
import { kindOf } from './groups.mjs';

/** @import { Recorded } from '../results/record.mjs' */

const PLOT_WIDTH = 230;
const BAR_STEP = 19;
const COLUMNS = 2;

/** A bar. @typedef {{ name: string, kind: string, ratio: number, min: number, max: number, label: string }} Bar */

/** @type {(recorded: Recorded, names: readonly string[]) => object} */
export function ratioChart(recorded, names) {
  const shown = names.filter((name) => resultsOf(recorded, name).length > 1);
  return {
    columns: COLUMNS,
    spacing: { row: 26, column: 28 },
    concat: shown.map((name) => plotOf(name, barsOf(recorded, name))),
    resolve: { scale: { color: 'shared' } },
  };
}

/** @type {(recorded: Recorded, workload: string) => Bar[]} */
function barsOf(recorded, workload) {
  const { unit = '' } = workloads[workload] ?? {};
  return resultsOf(recorded, workload).map(({ contender, runs, ratios }) => {
    const { median: ratio, min, max } = summaryOf(ratios.toRaw);
    const value = figure(summaryOf(runs.map((run) => run.value)).median);
    return { name: contender, kind: kindOf(contender), ratio, min, max, label: `${value} ${unit}` };
  });
}

/** @type {(name: string, bars: Bar[]) => object} */
function plotOf(name, bars) {
  const { title = '', kind = 'rate' } = workloads[name] ?? {};
  const isMoreBetter = kind === 'rate';
  const y = {
    field: 'name',
    type: 'nominal',
    title: null,
    sort: { field: 'ratio', order: isMoreBetter ? 'descending' : 'ascending' },
    axis: { domain: false, ticks: false },
  };
  const axisTitle = `times raw, ${isMoreBetter ? 'more' : 'less'} is better`;
  const domain = domainOf(bars);
  const scale = { type: 'log', nice: false, domain };
  const axis = { title: axisTitle, format: '~r', values: ticksIn(domain), tickSize: 3 };
  const x = (/** @type {string} */ field) => ({ field, type: 'quantitative', scale, axis });
  return {
    title,
    data: { values: bars },
    width: PLOT_WIDTH,
    height: { step: BAR_STEP },
    encoding: { y },
    layer: [
      {
        mark: { type: 'bar', height: 11 },
        encoding: { x: x('ratio'), x2: { datum: 1 }, color: colour },
      },
      { mark: { type: 'rule', color: '#7d8590' }, encoding: { x: x('min'), x2: { field: 'max' } } },
      {
        mark: { type: 'text', align: 'left', dx: 6 },
        encoding: { x: { value: PLOT_WIDTH }, text: { field: 'label' } },
      },
    ],
  };
}

/** From the least to the most, with raw among them, and a little more. @type {(bars: readonly Bar[]) => [from: number, to: number]} */
function domainOf(bars) {
  const all = [1, ...bars.flatMap(({ min, max }) => [min, max])];
  return [Math.min(...all) / 1.15, Math.max(...all) * 1.15];
}

const MOST_TICKS = 7;

/** Round numbers, as many as have room. @type {(domain: [from: number, to: number]) => number[]} */
function ticksIn([from, to]) {
  const powers = [0.001, 0.01, 0.1, 1, 10, 100, 1000];
  const inside = (/** @type {readonly number[]} */ steps) =>
    powers.flatMap((power) => steps.map((step) => step * power)).filter((tick) => tick >= from && tick <= to);
  const finest = [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].map(inside);
  return finest.find(({ length }) => length <= MOST_TICKS) ?? [1];
}

const colour = {
  field: 'kind',
  type: 'nominal',
  title: null,
  scale: { domain: Object.keys(colours), range: Object.values(colours) },
  legend: { orient: 'top' },
};
