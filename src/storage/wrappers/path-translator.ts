/**
 * Translates paths between a sub-storage and the storage that it is part of. Paths going out get the base directory in
 * front; paths coming back, in entries and errors, lose it. So no path leaves the directory, and no result reveals it.
 */
import { TransferError } from '../../errors.js';
import { isPromise, type MaybePromise } from '../../maybe-promise.js';
import type { FileEntry } from '../../protocol/entry.js';
import { joinRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import { batchesOf, EntriesOfBatches } from '../../protocol/listings/entries-of-batches.js';
import { rootPathError, unavailableError } from '../path-error.js';
import type {
  PendingFile,
  ResumeResult,
  StorageChange,
  StorageUploadStatus,
  StoredFile,
} from '../storage.js';

/** Codes that every path of a directory gets if the directory itself is missing. */
const MISSING_CODES = ['ENOENT', 'ENOTDIR', 'ELOOP'];

export class PathTranslator {
  readonly #base: RemotePath;
  readonly #stat: (path: RemotePath) => Promise<FileEntry>;

  /** @param stat - of the outer storage */
  constructor(base: RemotePath, stat: (path: RemotePath) => Promise<FileEntry>) {
    this.#base = base;
    this.#stat = stat;
  }

  toOuter(path: RemotePath): RemotePath {
    if (path === REMOTE_ROOT) return this.#base;
    try {
      return joinRemotePath(this.#base, path);
    } catch (error) {
      // Both paths are valid, so only the length of the joined path can be wrong.
      throw new TransferError(TransferError.from(error).code, 'The path is too long in the outer storage.', {
        path,
      });
    }
  }

  /** The outer path of a file. EISDIR for the root. */
  file(path: RemotePath): RemotePath {
    if (path === REMOTE_ROOT) throw new TransferError('EISDIR', undefined, { path });
    return this.toOuter(path);
  }

  /** The outer path of an entry to remove or rename. EACCES for the root. */
  changeable(path: RemotePath): RemotePath {
    if (path === REMOTE_ROOT) throw rootPathError(path);
    return this.toOuter(path);
  }

  entry(entry: FileEntry): FileEntry {
    const path = this.#toInner(entry.path);
    if (path === undefined)
      throw new TransferError('EIO', 'The storage returned an entry outside of the requested directory.');
    return { ...entry, path };
  }

  listing(path: RemotePath, list: (outer: RemotePath) => AsyncIterable<FileEntry>): AsyncIterable<FileEntry> {
    return new EntriesOfBatches(() => this.#listing(path, list));
  }

  async *#listing(
    path: RemotePath,
    list: (outer: RemotePath) => AsyncIterable<FileEntry>,
  ): AsyncGenerator<readonly FileEntry[]> {
    const outer = this.toOuter(path);
    try {
      for await (const batch of batchesOf(list(outer))) yield batch.map((entry) => this.entry(entry));
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  async *watching(
    path: RemotePath,
    watch: (outer: RemotePath) => AsyncIterable<readonly StorageChange[]>,
  ): AsyncGenerator<readonly StorageChange[]> {
    try {
      for await (const batch of watch(this.toOuter(path))) yield batch.map((change) => this.#change(change));
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  /** Translates the directory of an omitted name. */
  omittedListener(onOmitted: (directory: RemotePath) => void): (directory: RemotePath) => void {
    return (directory) => onOmitted(this.#toInner(directory) ?? REMOTE_ROOT);
  }

  stored(file: StoredFile): StoredFile {
    const stat = file.stat?.bind(file);
    const grown = file.grown?.bind(file);
    return {
      entry: this.entry(file.entry),
      read: (target, position) => this.#run(() => file.read(target, position)),
      etag: () => this.#run(() => file.etag()),
      ...(stat && { stat: () => this.#run(async () => this.entry(await stat())) }),
      ...(grown && { grown }),
      close: () => this.#run(() => file.close()),
    };
  }

  pending(file: PendingFile): PendingFile {
    const suspend = file.suspend?.bind(file);
    const read = file.read?.bind(file);
    return {
      write: (pieces) => this.#run(() => file.write(pieces)),
      commit: (commitToken) => this.#run(async () => this.entry(await file.commit(commitToken))),
      discard: () => this.#run(() => file.discard()),
      ...(suspend && { suspend: () => this.#run(() => suspend()) }),
      ...(read && { read: (target, position) => this.#run(() => read(target, position)) }),
    };
  }

  resumeResult(found: ResumeResult | undefined): ResumeResult | undefined {
    if (found?.kind === 'pending') return { ...found, pending: this.pending(found.pending) };
    return found && { ...found, entry: this.entry(found.entry) };
  }

  uploadStatus(found: StorageUploadStatus | undefined): StorageUploadStatus | undefined {
    return found?.kind === 'committed' ? { ...found, entry: this.entry(found.entry) } : found;
  }

  /** Calls `work` with an outer path; its errors get inner paths. */
  run<T>(outer: RemotePath, work: (outer: RemotePath) => Promise<T>): Promise<T> {
    return this.#run(() => work(outer));
  }

  /** As `run`, with a translation of the result. Returns no promise if `work` returns none. */
  pass<T>(
    outer: RemotePath,
    work: (outer: RemotePath) => MaybePromise<T>,
    translate: (result: T) => T,
  ): MaybePromise<T> {
    try {
      const result = work(outer);
      return isPromise(result) ? this.#run(async () => translate(await result)) : translate(result);
    } catch (error) {
      return this.#run(() => Promise.reject(TransferError.from(error)));
    }
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  /** The error for the caller. If the reason is the directory and not the path, it says so. */
  async #failure(thrown: unknown): Promise<TransferError> {
    const error = this.#translateError(thrown);
    if (!MISSING_CODES.includes(error.code)) return error;
    try {
      await this.requireDirectory();
      return error;
    } catch (unavailable) {
      return TransferError.from(unavailable, { path: error.path });
    }
  }

  /** Rejects if the directory is missing. The cause is not for clients. */
  async requireDirectory(): Promise<void> {
    try {
      if ((await this.#stat(this.#base)).kind !== 'directory') throw new TransferError('ENOTDIR');
    } catch (error) {
      throw unavailableError(error);
    }
  }

  #change(change: StorageChange): StorageChange {
    switch (change.event) {
      case 'ready':
      case 'lost':
        return change;
      case 'removed':
        return { ...change, path: this.#inner(change.path) };
      case 'renamed':
        return { ...change, entry: this.entry(change.entry), from: this.#inner(change.from) };
      default:
        return { ...change, entry: this.entry(change.entry) };
    }
  }

  #inner(outer: RemotePath): RemotePath {
    const path = this.#toInner(outer);
    if (path !== undefined) return path;
    throw new TransferError('EIO', 'The storage told a change outside of the requested directory.');
  }

  #toInner(path: string): RemotePath | undefined {
    if (path === this.#base) return REMOTE_ROOT;
    const start = this.#base === REMOTE_ROOT ? '' : `${this.#base}/`;
    // The part of a valid path after a `/` is a valid path.
    return path.startsWith(start) ? (path.slice(start.length) as RemotePath) : undefined;
  }

  /** The same error with the inner path, or without a path if its path is outside of the directory. */
  #translateError(thrown: unknown): TransferError {
    const error = TransferError.from(thrown);
    if (error.path === undefined) return error;
    const { code, reason, operation, retryable, outcomeUnknown, retryAfterMs, cause } = error;
    const path = this.#toInner(error.path);
    return new TransferError(code, reason, {
      path,
      operation,
      retryable,
      outcomeUnknown,
      retryAfterMs,
      cause,
    });
  }
}
