/** Parts of a recording. */
// @ts-check
import { contenders, reasonAgainst } from '../contenders/table.mjs';

/** @import { Recorded } from './record.mjs' */

/** The results of a workload, without variants, which have their own table. @type {(recorded: Recorded, workload: string) => Recorded['results']} */
export function resultsOf({ results }, workload) {
  return results.filter((one) => one.workload === workload && !contenders[one.contender]?.base);
}

/** The contenders that were left out of a workload, with the reason. @type {(recorded: Recorded, workload: string) => [name: string, reason: string][]} */
export function absentFrom({ options, results }, workload) {
  return options.contenders
    .filter((name) => !contenders[name]?.base)
    .filter((name) => !results.some((one) => one.workload === workload && one.contender === name))
    .map((name) => [name, reasonAgainst(name, workload) ?? 'has failed']);
}
