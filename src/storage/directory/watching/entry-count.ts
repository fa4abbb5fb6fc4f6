/**
 * Counts the entries of a watched directory, each of which takes memory, against the limit of the directory, and before its
 * first snapshot also against that of all watched directories: a client can watch the same files by many directories.
 */
import { TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageChange } from '../../storage.js';

/** The entries of all watched directories of a storage: so many times those of one. */
export const TOTAL_FACTOR = 2;

/** The entries of all watched directories of a storage. */
export interface EntryTotal {
  entries: number;
}

export interface EntryCountOptions {
  readonly top: RemotePath;
  readonly maxEntries: number;
  readonly total: EntryTotal;
  /** Counts the entries of the directory. */
  readonly recount: () => number;
}

export class EntryCount {
  readonly #options: EntryCountOptions;
  /** At least as many as there are. */
  #entries = 0;
  /** Of directories that the present scan has found. */
  #found = 0;
  #hasSnapshot = false;

  constructor(options: EntryCountOptions) {
    this.#options = options;
  }

  /** Counts the entries of a directory that a scan has found. Throws EMFILE beyond the limit, EAGAIN beyond that of all. */
  add(entries: number): void {
    const { maxEntries, total } = this.#options;
    this.#set(this.#entries, this.#found + entries);
    if (this.#found > maxEntries) throw this.#tooMany();
    const max = TOTAL_FACTOR * maxEntries;
    // What is watched stays so, whatever others watch.
    if (this.#hasSnapshot || total.entries <= max) return;
    const reason = `The watched directories have more than ${max} entries, twice the option maxWatchedEntries.`;
    throw new TransferError('EAGAIN', reason, { path: this.#options.top });
  }

  /** Counts what a scan has told. Throws EMFILE beyond the limit. */
  settle(changes: readonly StorageChange[]): void {
    const { maxEntries, recount } = this.#options;
    this.#set(this.#entries + changes.filter(({ event }) => event === 'created').length, 0);
    this.#hasSnapshot = true;
    // What was removed has not been subtracted.
    if (this.#entries > maxEntries) this.#set(recount(), 0);
    if (this.#entries > maxEntries) throw this.#tooMany();
  }

  /** The watch has ended. */
  release(): void {
    this.#set(0, 0);
  }

  #set(entries: number, found: number): void {
    this.#options.total.entries += entries + found - this.#entries - this.#found;
    this.#entries = entries;
    this.#found = found;
  }

  #tooMany(): TransferError {
    const { maxEntries, top } = this.#options;
    const reason = `The watched directory has more than ${maxEntries} entries, the limit of the option maxWatchedEntries.`;
    return new TransferError('EMFILE', reason, { path: top, retryable: false });
  }
}
