/** How much is tested, and with which seed. */
import { crc32 } from 'node:zlib';
import { Random } from './fixtures/random.js';

/** Whether the checks run in full: `FAULTS=long npm run test:faults`. */
export const isLong = process.env['FAULTS'] === 'long';

/** The seed of all chance in a run: `FAULTS_SEED=7 npm run test:faults` has that of an earlier one again. */
export const seed = Number(process.env['FAULTS_SEED'] ?? 1);

/** How many of something: few by default, all in a long run. */
export function sized(short: number, long: number): number {
  return isLong ? long : short;
}

/** The random generator of one check: draws of other checks do not change it. */
export function chanceOf(check: string): Random {
  return new Random(crc32(check, seed));
}
