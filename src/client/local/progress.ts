/** How far a transfer of a local file has come, as its caller is told. */

/**
 * Called when a transfer has begun and after every piece: with the bytes of the file that are over, those of an earlier
 * call included, and with its size. What it throws ends the transfer.
 */
export type ProgressListener = (bytes: number, total: number) => void;

/** The option `onProgress`. */
export function progressOption(value: ProgressListener | undefined): ProgressListener {
  if (value === undefined) return () => undefined;
  if (typeof value === 'function') return value;
  throw new TypeError('The option onProgress must be a function.');
}
