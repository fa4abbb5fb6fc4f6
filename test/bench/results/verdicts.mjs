/** Results beside bounds: which are met, missed, or were not measured. */
// @ts-check
import { OURS } from '../contenders/table.mjs';
import { workloads } from '../workloads/table.mjs';
import { figureTitles, figures, isMoreBetter } from './figures.mjs';
import { ratiosTo } from './ratios.mjs';
import { figure } from './figure.mjs';
import { summaryOf } from './statistics.mjs';

/** @import { Result } from '../measuring/measuring.mjs' */
/** @import { FigureName } from './figures.mjs' */

/**
 * What the median of all rounds must not miss: at least this where more is better, at most this elsewhere.
 * @typedef {object} Bound
 * @property {string} workload
 * @property {number} limit
 * @property {readonly string[]} [to] - a ratio to the best of these in the same round; without, the figure itself
 * @property {FigureName} [figure] - by default the value
 * @property {string} [contender] - by default socket-ftp with its defaults
 */

/** @typedef {{ bound: Bound, median: number, min: number, max: number, state: 'met' | 'missed' | 'not measured' }} Verdict */

/** @type {(results: readonly Result[], bounds: readonly Bound[]) => Verdict[]} */
export function verdictsOf(results, bounds) {
  return bounds.map((bound) => {
    const summary = summaryOf(measured(results, bound).filter((value) => !Number.isNaN(value)));
    return { bound, ...summary, state: stateOf(bound, summary.median) };
  });
}

/** @type {(bound: Bound, median: number) => Verdict['state']} */
function stateOf({ workload, figure: name = 'value', limit }, median) {
  if (Number.isNaN(median)) return 'not measured';
  const isMet = isMoreBetter(workload, name) ? median >= limit : median <= limit;
  return isMet ? 'met' : 'missed';
}

/** One value a round. @type {(results: readonly Result[], bound: Bound) => number[]} */
function measured(results, { workload, contender = OURS, to, figure: name = 'value' }) {
  const result = results.find((one) => one.workload === workload && one.contender === contender);
  if (!result) return [];
  if (to) return ratiosTo(results, result, { to, figure: name });
  return result.runs.map(figures[name]);
}

/** A table in Markdown of those in a state. @type {(verdicts: readonly Verdict[], state: Verdict['state']) => string} */
export function verdictTable(verdicts, state) {
  const rows = verdicts
    .filter((verdict) => verdict.state === state)
    .map(({ bound, median, min, max }) => {
      const range = `${figure(median)} (${figure(min)} to ${figure(max)})`;
      return `| ${bound.workload} | ${titleOf(bound)} | ${limitOf(bound)} | ${range} |`;
    });
  if (rows.length === 0) return '';
  return ['| workload | figure | bound | median |', '| --- | --- | --: | --: |', ...rows].join('\n');
}

/** @param {Bound} bound */
function titleOf({ workload, contender, to, figure: name = 'value' }) {
  const title = name === 'value' ? (workloads[workload]?.unit ?? '') : figureTitles[name];
  const of = contender === undefined ? '' : ` of ${contender}`;
  const ratio = to === undefined ? '' : `, times ${to.join(' or ')}`;
  return `${title}${of}${ratio}`;
}

/** @param {Bound} bound */
function limitOf({ workload, figure: name = 'value', limit }) {
  return `${isMoreBetter(workload, name) ? 'at least' : 'at most'} ${limit}`;
}
