/** How far a transfer has come, as its caller is told. */

/** How far a transfer has come. */
export interface Progress {
  /**
   * Bytes that have been transferred, including those of an earlier call that this one continues: received bytes of a
   * download, written bytes of a local file, sent bytes of an upload.
   */
  readonly bytes: number;
  /** Bytes of the whole transfer; undefined for an upload of unknown size. */
  readonly total: number | undefined;
}

/** Called at the start of a transfer and after each piece. An exception fails the transfer with that exception. */
export type ProgressListener = (progress: Progress) => void;

/** An option of all transfers. */
export interface ProgressOptions {
  /** Called at the start and after each piece of the transfer. What it throws fails the transfer. */
  onProgress?: ProgressListener | undefined;
}

/** Checks the option `onProgress`. Throws a TypeError if it is no function. */
export function progressOption(value: ProgressListener | undefined): ProgressListener | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new TypeError(`The option onProgress must be a function, not ${typeof value}.`);
}
