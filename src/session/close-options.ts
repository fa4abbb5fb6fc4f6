/** Closing gracefully, as both ends do. */
import { GRACE_MS } from '../protocol/limits.js';
import { integerOption, MAX_TIMER_MS, rejectUnknownOptions } from '../options/option.js';

/** How to close. */
export interface CloseOptions {
  /** Milliseconds that running requests are given to end by themselves. Default 5,000; 0 cancels them at once. */
  graceMs?: number | undefined;
}

/** The time that running requests are given. Throws a TypeError for an option that is wrong. */
export function graceMsOf(options: CloseOptions): number {
  rejectUnknownOptions('close', options, ['graceMs']);
  return integerOption('graceMs', options.graceMs, { min: 0, max: MAX_TIMER_MS, default: GRACE_MS });
}

/** Waits for a promise, but no longer than that. */
export async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
