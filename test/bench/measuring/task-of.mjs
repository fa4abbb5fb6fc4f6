/** The task of a contender in a workload: all of it or a share, or a short one that does not count. */
// @ts-check
import { contenders } from '../contenders/table.mjs';
import { fullAmount, shareOf, warmUpAmount } from '../workloads/amounts.mjs';

/** @import { Task } from '../contender.mjs' */
/** @import { Wanted } from '../workloads/amounts.mjs' */

/** @type {(of: { workload: string, contender: string, wanted: Wanted, isWarmUp?: boolean }) => Task} */
export function taskOf({ workload, contender, wanted, isWarmUp = false }) {
  const share = contenders[contender]?.share?.[workload] ?? 1;
  return { workload, amount: shareOf((isWarmUp ? warmUpAmount : fullAmount)(wanted), share) };
}
