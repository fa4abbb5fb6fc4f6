/** Results that are there already, for calls that nearly always need not wait: a promise costs as much as a short system call. */

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a result must be awaited, also that of a promise of another library. */
export function isPromise<T>(result: MaybePromise<T>): result is Promise<T> {
  return typeof (result as Partial<Promise<T>> | undefined | null)?.then === 'function';
}
