/** Results in proportion to those of another contender, each within its round: what slows a machine slows both. */
// @ts-check
import { contenders } from '../contenders/table.mjs';

/** @import { Result } from '../measuring/measuring.mjs' */

/** @typedef {{ toRaw: number[], toBase?: number[] }} Ratios */

/**
 * The ratios of every result: to raw, and of a variant to its base.
 *
 * @param {readonly Result[]} results
 * @returns {(Result & { ratios: Ratios })[]}
 */
export function withRatios(results) {
  return results.map((result) => {
    const base = contenders[result.contender]?.base;
    const toBase = base === undefined ? [] : ratiosTo(results, result, base);
    return {
      ...result,
      ratios: { toRaw: ratiosTo(results, result, 'raw'), ...(toBase.length > 0 && { toBase }) },
    };
  });
}

/** None if the other was not measured. @type {(results: readonly Result[], result: Result, other: string) => number[]} */
function ratiosTo(results, { workload, runs }, other) {
  const compared = results.find((one) => one.contender === other && one.workload === workload);
  if (!compared) return [];
  return runs.map(({ value }, round) => value / (compared.runs[round]?.value ?? NaN));
}
