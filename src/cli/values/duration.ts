/** Durations as people write them. */
import { usageError } from '../runner/usage-error.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest time of a Node timer, about 24 days. */
const MAX_MS = 2 ** 31 - 1;

/** The milliseconds of `30s`, `500ms`, `5m`, `2h`, `1d`, `1h30m`, or of a number of seconds. At least 1 ms, at most 24 days. */
export function parseDuration(text: string): number {
  const parts = text.matchAll(/(\d{1,10}(?:\.\d{1,3})?)(ms|[smhd])/g);
  const isSum = /^(?:\d{1,10}(?:\.\d{1,3})?(?:ms|[smhd])){1,5}$/.test(text);
  let total = /^\d{1,10}(?:\.\d{1,3})?$/.test(text) ? Number(text) * 1_000 : isSum ? 0 : NaN;
  if (isSum) for (const [, number = '', unit = ''] of parts) total += Number(number) * (UNIT_MS[unit] ?? NaN);
  const milliseconds = Math.round(total);
  if (milliseconds >= 1 && milliseconds <= MAX_MS) return milliseconds;
  throw usageError(`'${text}' is no duration from 1 ms to 24 days. Write for example 30s, 5m or 1h30m.`);
}

/** `120 ms`, `12 s`, `3 min 05 s`, `1 h 02 min`, `2 d 03 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
