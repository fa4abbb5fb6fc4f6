/** The options of a graceful close, for both ends. */
import { integerOption, MAX_TIMER_MS, rejectUnknownOptions } from '../options/option.js';
import { GRACE_MS } from '../protocol/limits.js';
import { Deadline } from './timers/deadline.js';

/** The options of `close()`. */
export interface CloseOptions {
  /** Time in ms that running requests have to end by themselves. Default 5,000; 0 cancels them at once. */
  graceMs?: number | undefined;
}

/** The grace time. Throws a TypeError if an option is invalid. */
export function graceMsOf(options: CloseOptions): number {
  rejectUnknownOptions('close', options, ['graceMs']);
  return integerOption('graceMs', options.graceMs, { min: 0, max: MAX_TIMER_MS, default: GRACE_MS });
}

/** Resolves when the promise does, or after `ms` in which this process was not busy. */
export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let deadline: Deadline | undefined;
  const timeout = new Promise<void>((resolve) => {
    deadline = new Deadline(ms, resolve);
  });
  await Promise.race([promise, timeout]);
  deadline?.stop();
}
