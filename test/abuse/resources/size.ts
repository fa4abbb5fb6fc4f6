/** How much is done. */

/** Whether the checks run in full: `ABUSE=long npm run test:abuse`. */
export const isLong = process.env['ABUSE'] === 'long';

/** How many of something: few by default, all in a long run. */
export function sized(short: number, long: number): number {
  return isLong ? long : short;
}
