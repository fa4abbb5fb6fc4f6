/**
 * Listings whose entries come in batches, and can be taken in batches: a promise for each entry costs more than reading it.
 *
 *     EntriesOfBatches -> batchesOf()     -> arrays of entries: the server's own code
 *                      -> for await (...) -> entries: every other caller of `Storage.list`
 */
import type { FileEntry } from '../entry.js';

type Result = IteratorResult<FileEntry, undefined>;

/** The entries of a listing in batches, which may be empty. Any other listing gives batches of one entry. */
export function batchesOf(entries: AsyncIterable<FileEntry>): AsyncIterable<readonly FileEntry[]> {
  return entries instanceof EntriesOfBatches ? entries.batches() : singly(entries);
}

async function* singly(entries: AsyncIterable<FileEntry>): AsyncGenerator<readonly FileEntry[]> {
  for await (const entry of entries) yield [entry];
}

export class EntriesOfBatches implements AsyncIterable<FileEntry> {
  /** Begins to read with the first `next`. Each call is an iteration of its own. */
  readonly batches: () => AsyncGenerator<readonly FileEntry[]>;

  constructor(batches: () => AsyncGenerator<readonly FileEntry[]>) {
    this.batches = batches;
  }

  /** The entries one by one. A generator would settle three promises for each, and this iterator settles one. */
  [Symbol.asyncIterator](): AsyncIterator<FileEntry, undefined> {
    const batches = this.batches();
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
