/**
 * The entries of batches, one by one. A generator would cost more for each entry than reading it: it settles three promises
 * for each, and this iterator one.
 */
import type { FileEntry } from '../../../protocol/entry.js';

type Result = IteratorResult<FileEntry, undefined>;

export class EntriesOfBatches implements AsyncIterable<FileEntry> {
  readonly #start: () => AsyncGenerator<FileEntry[]>;

  /** @param start - begins to read; called for each iteration */
  constructor(start: () => AsyncGenerator<FileEntry[]>) {
    this.#start = start;
  }

  /** Reads nothing before the first `next`. */
  [Symbol.asyncIterator](): AsyncIterator<FileEntry, undefined> {
    const batches = this.#start();
    let batch: readonly FileEntry[] | undefined = [];
    let index = 0;
    let loading: Promise<void> | undefined;
    const load = async (): Promise<void> => {
      try {
        const loaded = await batches.next();
        batch = loaded.done ? undefined : loaded.value;
        index = 0;
      } finally {
        loading = undefined;
      }
    };
    const next = async (): Promise<Result> => {
      while (batch) {
        const value = batch[index++];
        if (value) return { done: false, value };
        // Calls that overlap wait for one batch.
        await (loading ??= load());
      }
      return { done: true, value: undefined };
    };
    const stop = async (): Promise<Result> => {
      batch = undefined;
      await batches.return(undefined);
      return { done: true, value: undefined };
    };
    return { next, return: stop };
  }
}
