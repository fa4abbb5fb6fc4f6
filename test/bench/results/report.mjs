/** Results as tables, printed after a measurement. */
// @ts-check
import { summaryOf } from './statistics.mjs';
import { workloads } from '../workloads.mjs';

/** @import { Result, Run } from '../measuring/measuring.mjs' */
/** @import { Ratios } from './ratios.mjs' */

const NAME_WIDTH = 15;

/** @param {readonly (Result & { ratios: Ratios })[]} results */
export function printTables(results) {
  for (const name of new Set(results.map(({ workload }) => workload))) {
    const { title = '', unit = '', per = '' } = workloads[name] ?? {};
    console.log(`\n${name}: ${title}`);
    const head = [cells([unit, 'min', 'max'], 9), cells(['x raw', 'min', 'max'], 8)];
    console.log(
      `${' '.repeat(NAME_WIDTH)}${head.join(' ')}   CPU s per ${per}, server client   peak MiB, server client`,
    );
    for (const result of results.filter(({ workload }) => workload === name)) console.log(rowOf(result));
  }
}

/** @param {Result & { ratios: Ratios }} result */
function rowOf({ contender, runs, ratios }) {
  const values = summaryOf(runs.map(({ value }) => value));
  const { median, min, max } = summaryOf(ratios.toRaw);
  const parts = [
    contender.padEnd(NAME_WIDTH),
    cells([values.median, values.min, values.max].map(figure), 9),
    cells(
      [median, min, max].map((ratio) => ratio.toFixed(2)),
      8,
    ),
    ' ',
    pair(runs, 'cpu'),
    pair(runs, 'peakMiB'),
    ...notes(runs, ratios),
  ];
  return parts.join(' ');
}

/** @type {(runs: readonly Run[], key: 'cpu' | 'peakMiB') => string} */
function pair(runs, key) {
  const sides = /** @type {const} */ (['server', 'client']);
  const medians = sides.map((side) => summaryOf(runs.map((run) => run[key]?.[side] ?? NaN)).median);
  return cells(medians.map(figure), 8);
}

/** @type {(runs: readonly Run[], ratios: Ratios) => string[]} */
function notes(runs, { toBase }) {
  const median = (/** @type {'p99' | 'unfairness' | 'heapKiB'} */ key) =>
    summaryOf(runs.map((run) => run[key] ?? NaN)).median;
  return [
    toBase && `  ${summaryOf(toBase).median.toFixed(2)} of what it varies`,
    runs[0]?.p99 !== undefined && `  99 %: ${figure(median('p99'))} ms`,
    runs[0]?.unfairness !== undefined && `  slowest / fastest: ${median('unfairness').toFixed(2)}`,
    runs[0]?.heapKiB !== undefined && `  heap: ${figure(median('heapKiB'))} KiB`,
  ].filter((note) => typeof note === 'string');
}

/** For unknown values, and those without meaning. */
export const UNKNOWN = '-';

/** Three digits that count. @param {number} value */
export function figure(value) {
  if (Number.isNaN(value)) return UNKNOWN;
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** @type {(texts: readonly string[], width: number) => string} */
function cells(texts, width) {
  return texts.map((text) => text.padStart(width)).join('');
}
