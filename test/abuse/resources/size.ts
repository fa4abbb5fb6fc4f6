/** How much is done. */

/** Whether the checks run in full: `ABUSE=long npm run test:abuse`. */
export const isLong = process.env['ABUSE'] === 'long';

/** How many of something: few by default, all in a long run. */
export function sized(short: number, long: number): number {
  return isLong ? long : short;
}

/**
 * A bound of a time in ms: exact in a long run, which measures on a quiet machine. A short run may share its machine, so
 * its bound only shows that something hangs.
 */
export function boundMs(ms: number): number {
  return sized(Math.max(ms, 15_000), ms);
}
