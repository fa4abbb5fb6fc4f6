/** The options of `FileServer.close()`, and when each client may return. */
import { integerOption, rejectUnknownOptions } from '../options/option.js';
import { graceMsOf, type CloseOptions } from '../session/close-options.js';

/** The latest announced time. Clients wait for 60,000 ms at most, and need the rest of them to spread. */
const MAX_RETRY_AFTER_MS = 30_000;

/** Clients that are told to return in one second, while all of them fit in {@link MAX_SPREAD_MS}. */
const RETURNS_PER_SECOND = 50;

/** Time over which the clients are spread, in ms. More than 1,500 connections return faster than 50 in a second. */
const MAX_SPREAD_MS = 30_000;

/** The options of `FileServer.close()`. */
export interface ServerCloseOptions extends CloseOptions {
  /**
   * Time in ms from now until a server is back at the same address: 0 to 30,000. Each client is told to return then or
   * later, at most 50 clients in a second, in random order; beyond 1,500 connections all of them within 30 s. Default: clients
   * are told that the server closes, and not when to return.
   */
  retryAfterMs?: number | undefined;
}

export interface ClosePlan {
  readonly graceMs: number;
  /** Undefined if the server does not say when it is back. */
  readonly retryAfterMs: number | undefined;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function closePlan({ retryAfterMs, ...options }: ServerCloseOptions): ClosePlan {
  rejectUnknownOptions('close', options, ['graceMs']);
  const range = { min: 0, max: MAX_RETRY_AFTER_MS, default: 0 };
  const checked = retryAfterMs === undefined ? undefined : integerOption('retryAfterMs', retryAfterMs, range);
  return { graceMs: graceMsOf(options), retryAfterMs: checked };
}

/** Times in ms after which that many clients may return, in random order: no client is always the last. */
export function returnTimes(
  { retryAfterMs }: Pick<ClosePlan, 'retryAfterMs'>,
  clients: number,
  random: () => number = Math.random,
): (number | undefined)[] {
  const intervalMs = Math.min(1_000 / RETURNS_PER_SECOND, MAX_SPREAD_MS / clients);
  const times = Array.from({ length: clients }, (_, place) =>
    retryAfterMs === undefined ? undefined : retryAfterMs + Math.floor(place * intervalMs),
  );
  // Fisher-Yates.
  for (let last = clients - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [times[last], times[other]] = [times[other], times[last]];
  }
  return times;
}
