/** Tells when an open file may have grown, or has lost its name. */
import fs, { type FSWatcher } from 'node:fs';

export class FileGrowth {
  readonly #watcher: FSWatcher | undefined;
  #hasChanged = true;
  #wake: (() => void) | undefined;

  /** @param handlePath - leads to the open file whatever its name; undefined: the caller looks at intervals */
  constructor(handlePath: string | undefined) {
    try {
      if (handlePath === undefined) return;
      this.#watcher = fs.watch(handlePath, { persistent: false }, () => this.#onChange());
      this.#watcher.on('error', () => undefined);
    } catch {
      // The system has no further watch.
    }
  }

  /** Resolves at the next change, or one since the last call, or when the signal is aborted. */
  async next(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#wake?.();
    signal.addEventListener('abort', onAbort);
    if (!this.#hasChanged && !signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
    signal.removeEventListener('abort', onAbort);
    this.#hasChanged = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#wake?.();
  }

  #onChange(): void {
    this.#hasChanged = true;
    this.#wake?.();
  }
}
