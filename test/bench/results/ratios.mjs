/** Results in proportion to those of other contenders, each within its round: what slows a machine slows both. */
// @ts-check
import { PLAIN, RAW, contenders } from '../contenders/table.mjs';
import { figures, isMoreBetter } from './figures.mjs';

/** @import { Result } from '../measuring/measuring.mjs' */
/** @import { FigureName } from './figures.mjs' */

/**
 * One ratio a round: to raw, to the better of the two that are plain Node at its best, and of a variant to its base.
 * @typedef {{ toRaw: number[], toPlain?: number[], toBase?: number[] }} Ratios
 */

/** @typedef {Result & { ratios: Ratios }} ResultWithRatios */

/** @type {(results: readonly Result[]) => ResultWithRatios[]} */
export function withRatios(results) {
  return results.map((result) => {
    const base = contenders[result.contender]?.base;
    const toPlain = ratiosTo(results, result, { to: PLAIN });
    const toBase = base === undefined ? [] : ratiosTo(results, result, { to: [base] });
    return {
      ...result,
      ratios: {
        toRaw: ratiosTo(results, result, { to: [RAW] }),
        ...(toPlain.length > 0 && { toPlain }),
        ...(toBase.length > 0 && { toBase }),
      },
    };
  });
}

/**
 * The ratios of a figure, by default the value, to the best of others in the same round. None if none of them was measured.
 *
 * @param {readonly Result[]} results
 * @param {Result} result
 * @param {{ to: readonly string[], figure?: FigureName }} options
 * @returns {number[]}
 */
export function ratiosTo(results, { workload, runs }, { to, figure = 'value' }) {
  const compared = results.filter((one) => one.workload === workload && to.includes(one.contender));
  if (compared.length === 0) return [];
  const best = isMoreBetter(workload, figure) ? Math.max : Math.min;
  const of = figures[figure];
  return runs.map((run, round) => of(run) / best(...compared.map((one) => of(one.runs[round]))));
}
