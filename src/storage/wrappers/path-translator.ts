/**
 * Where a directory is in its storage. Paths go in with the directory in front of them and come out without it, in
 * entries and in errors, so that nothing inside tells where it is, and no path leads out.
 */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { joinRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile, ResumeResult, StoredFile } from '../storage.js';

export class PathTranslator {
  readonly #base: RemotePath;

  constructor(base: RemotePath) {
    this.#base = base;
  }

  toOuter(path: RemotePath): RemotePath {
    if (path === REMOTE_ROOT) return this.#base;
    try {
      return joinRemotePath(this.#base, path);
    } catch (error) {
      // Both are allowed by themselves, so that only their length can be wrong.
      throw new TransferError(TransferError.from(error).code, 'The path is too long.', { path });
    }
  }

  /** The path of what can only be a file. */
  file(path: RemotePath): RemotePath {
    if (path === REMOTE_ROOT) throw new TransferError('EISDIR', undefined, { path });
    return this.toOuter(path);
  }

  /** The path of what can be removed or renamed. */
  changeable(path: RemotePath): RemotePath {
    if (path === REMOTE_ROOT) throw new TransferError('EACCES', 'This cannot be done to the root.');
    return this.toOuter(path);
  }

  entry(entry: FileEntry): FileEntry {
    const path = this.#inner(entry.path);
    if (path === undefined) throw new TransferError('EIO', 'The storage tells of what was not asked for.');
    return { ...entry, path };
  }

  async *listing(
    path: RemotePath,
    list: (outer: RemotePath) => AsyncIterable<FileEntry>,
  ): AsyncGenerator<FileEntry> {
    const outer = this.toOuter(path);
    try {
      for await (const entry of list(outer)) yield this.entry(entry);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  stored(file: StoredFile): StoredFile {
    return {
      entry: this.entry(file.entry),
      read: (target, position) => this.#translated(() => file.read(target, position)),
      etag: () => this.#translated(() => file.etag()),
      close: () => this.#translated(() => file.close()),
    };
  }

  pending(file: PendingFile): PendingFile {
    const suspend = file.suspend?.bind(file);
    const read = file.read?.bind(file);
    return {
      write: (pieces) => this.#translated(() => file.write(pieces)),
      commit: (commitToken) => this.#translated(async () => this.entry(await file.commit(commitToken))),
      discard: () => this.#translated(() => file.discard()),
      ...(suspend && { suspend: () => this.#translated(() => suspend()) }),
      ...(read && { read: (target, position) => this.#translated(() => read(target, position)) }),
    };
  }

  resumption(found: ResumeResult | undefined): ResumeResult | undefined {
    if (found?.kind === 'pending') return { ...found, pending: this.pending(found.pending) };
    return found && { ...found, entry: this.entry(found.entry) };
  }

  /** Works on a path of the other storage; what fails there is told with paths as they are seen here. */
  run<T>(outer: RemotePath, work: (outer: RemotePath) => Promise<T>): Promise<T> {
    return this.#translated(() => work(outer));
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #inner(path: string): RemotePath | undefined {
    if (path === this.#base) return REMOTE_ROOT;
    const start = this.#base === REMOTE_ROOT ? '' : `${this.#base}/`;
    // What comes after a `/` of a checked path is a checked path.
    return path.startsWith(start) ? (path.slice(start.length) as RemotePath) : undefined;
  }

  /** The same failure, about the path as it is seen here; about none if that is not below the directory. */
  #failure(thrown: unknown): TransferError {
    const error = TransferError.from(thrown);
    if (error.path === undefined) return error;
    const { code, reason, operation, retryable, outcomeUnknown, cause } = error;
    const path = this.#inner(error.path);
    return new TransferError(code, reason, {
      path,
      operation,
      retryable,
      outcomeUnknown: outcomeUnknown,
      cause,
    });
  }
}
