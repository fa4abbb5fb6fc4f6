/**
 * What ends a request from this end: its time, or its signal. A request listens to its signal only as long as it runs, and all requests that share a signal share
 * one listener, because Node warns of a leak at the eleventh.
 */
import { TransferError } from '../../errors.js';
import { timeOption } from '../../options/option.js';
import type { TimerGroup } from '../connection/timer-group.js';

/** What every call takes. */
export interface CallOptions {
  /**
   * Cancels the request: it fails with a TransferError of the name `'AbortError'`, the code `'ECANCELED'` and the signal's
   * reason as `cause`. A signal of `AbortSignal.timeout()` has the effect of `timeoutMs`.
   */
  signal?: AbortSignal | undefined;
  /**
   * Time limit for the whole request in ms. A request that exceeds it is cancelled and fails with a TransferError of the
   * name `'TimeoutError'` and the code `'ETIMEDOUT'`. Default: no limit.
   */
  timeoutMs?: number | undefined;
}

/** The names of {@link CallOptions}. */
export const callOptionNames = ['signal', 'timeoutMs'];

type Aborted = (error: TransferError) => void;

const waiting = new WeakMap<AbortSignal, Set<Aborted>>();

/** Throws what a request is told whose signal is aborted before it begins. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('The option signal must be an AbortSignal.');
  }
  if (signal?.aborted) throw abortError(signal);
}

/** Calls back once when the signal is aborted, at once if it is already. Returns what ends the listening. */
export function onAbort(signal: AbortSignal | undefined, aborted: Aborted): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) {
    aborted(abortError(signal));
    return () => undefined;
  }
  const all = waiting.get(signal) ?? listen(signal);
  all.add(aborted);
  return () => {
    if (all.delete(aborted) && all.size === 0) forget(signal);
  };
}

/** Calls back at most once, when the signal is aborted or the time is over. Returns what ends the waiting. */
export function onAbortOrTimeout(
  { signal, timeoutMs }: CallOptions,
  timers: TimerGroup,
  over: Aborted,
): () => void {
  if (timeoutMs === undefined) return onAbort(signal, over);
  const ms = timeOption('timeoutMs', timeoutMs, timeoutMs);
  const stopTimer = timers.start(() => {
    stopListening();
    over(new TransferError('ETIMEDOUT', `The request has not ended within ${ms} ms.`));
  }, ms);
  const stopListening = onAbort(signal, (error) => {
    stopTimer();
    over(error);
  });
  return () => {
    stopTimer();
    stopListening();
  };
}

function listen(signal: AbortSignal): Set<Aborted> {
  const all = new Set<Aborted>();
  waiting.set(signal, all);
  signal.addEventListener('abort', tellAll);
  return all;
}

function forget(signal: AbortSignal): void {
  waiting.delete(signal);
  signal.removeEventListener('abort', tellAll);
}

function tellAll(this: AbortSignal): void {
  const all = waiting.get(this) ?? new Set();
  forget(this);
  for (const aborted of all) aborted(abortError(this));
}

function abortError(signal: AbortSignal): TransferError {
  const cause: unknown = signal.reason;
  const timedOut =
    typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'TimeoutError';
  return timedOut
    ? new TransferError('ETIMEDOUT', 'The time that the signal allows is over.', { cause })
    : new TransferError('ECANCELED', 'The request was cancelled by its signal.', { cause });
}
