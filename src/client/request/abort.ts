/**
 * Ends a request by its signal or its timeout. Requests with the same signal share one listener, because Node warns of a
 * leak at the eleventh listener.
 */
import { TransferError } from '../../errors.js';
import { timeOption } from '../../options/option.js';
import { afterInput } from '../../session/timers/after-input.js';
import type { TimerGroup } from '../connection/timer-group.js';

/** Options of every request. */
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

type Listener = (error: TransferError) => void;

const listenersBySignal = new WeakMap<AbortSignal, Set<Listener>>();

/** Throws ECANCELED or ETIMEDOUT if the signal is aborted, a TypeError if it is no AbortSignal. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('The option signal must be an AbortSignal.');
  }
  if (signal?.aborted) throw abortError(signal);
}

/** Calls the listener once: when the signal is aborted, or now if it already is. Returns a function that removes it. */
function onAbort(signal: AbortSignal | undefined, listener: Listener): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) {
    listener(abortError(signal));
    return () => undefined;
  }
  const listeners = listenersBySignal.get(signal) ?? listen(signal);
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) unlisten(signal);
  };
}

/** Calls the listener once, on abort or after `timeoutMs`. Returns a function that removes it. */
export function onAbortOrTimeout(
  { signal, timeoutMs }: CallOptions,
  timers: TimerGroup,
  listener: Listener,
): () => void {
  if (timeoutMs === undefined) return onAbort(signal, listener);
  const ms = timeOption('timeoutMs', timeoutMs, timeoutMs);
  const stopTimer = timers.start(() => {
    removeListener();
    listener(new TransferError('ETIMEDOUT', `The request has not ended within ${ms} ms.`));
  }, ms);
  const removeListener = onAbort(signal, (error) => {
    stopTimer();
    listener(error);
  });
  return () => {
    stopTimer();
    removeListener();
  };
}

function listen(signal: AbortSignal): Set<Listener> {
  const listeners = new Set<Listener>();
  listenersBySignal.set(signal, listeners);
  signal.addEventListener('abort', notify);
  return listeners;
}

function unlisten(signal: AbortSignal): void {
  listenersBySignal.delete(signal);
  signal.removeEventListener('abort', notify);
}

function notify(this: AbortSignal): void {
  const listeners = listenersBySignal.get(this) ?? new Set();
  unlisten(this);
  const tell = (): void => {
    for (const listener of listeners) listener(abortError(this));
  };
  // As with `timeoutMs`, a result that has arrived is in time. An abort of the program has effect at once.
  if (isTimeout(this.reason)) afterInput(tell);
  else tell();
}

function abortError(signal: AbortSignal): TransferError {
  const cause: unknown = signal.reason;
  return isTimeout(cause)
    ? new TransferError('ETIMEDOUT', 'The timeout of the signal has expired.', { cause })
    : new TransferError('ECANCELED', 'The request was cancelled by its signal.', { cause });
}

function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}
