/** File systems whose clock counts seconds: there a file may change twice without a difference in its times. */
import type { BigIntStats } from 'node:fs';

const SECOND_NS = 1_000_000_000n;

/** The step of the coarsest clock, that of FAT, and the delay with which the system reads its clock. */
const STEP_MS = 2_100;

type ChangeTime = Pick<BigIntStats, 'ctimeMs' | 'ctimeNs'>;

/** Whether the file system counts whole seconds. Where it counts nanoseconds, one file in a billion looks like that. */
export function hasCoarseTimes({ ctimeNs }: ChangeTime): boolean {
  return ctimeNs % SECOND_NS === 0n;
}

/** Whether the next change of the file may leave its times as they are. */
export function mayKeepTimes(stats: ChangeTime): boolean {
  return hasCoarseTimes(stats) && Date.now() - Number(stats.ctimeMs) < STEP_MS;
}
