/** Numbers of bytes as people write them: `10M` is 10 × 1024², as for rsync, curl and rclone. */
import { usageError } from '../runner/usage-error.js';

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const;

/** The number of bytes of `1500`, `10M`, `1.5GiB` (1024³) or `10MB` (1000²). */
export function parseSize(text: string): number {
  const [, digits = '', unit = '', suffix = ''] =
    /^(\d{1,15}(?:\.\d{1,6})?) ?([KMGTP]?)(iB|B)?$/i.exec(text) ?? [];
  const base = suffix.toLowerCase() === 'b' && unit !== '' ? 1000 : 1024;
  const power = UNITS.findIndex((known) => known === unit.toUpperCase());
  const bytes = digits === '' ? NaN : Math.round(Number(digits) * base ** power);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw usageError(`'${text}' is no size. Write a number of bytes, or one with a unit such as 10M.`);
}

/** `1.5 MiB`: three digits at most, never rounded up to the next unit. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (value >= 999.5 && power < UNITS.length - 1) {
    value /= 1024;
    power += 1;
  }
  if (power === 0) return `${Math.round(value)} B`;
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${UNITS[power] ?? ''}iB`;
}
