/**
 * The files and directories below a directory of the file system.
 *
 *     method -> files/, ops/        what the method does; new files go through a part file in parts/, the private folders
 *               -> walk/            opens the parent directory of the remote path
 *                  -> calls/        system calls, synchronous or in the thread pool
 */
import { LocalMount } from '../../sync-fs/local-mount.js';
import { isPromise, type MaybePromise } from '../../maybe-promise.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type {
  StorageListOptions,
  StorageMkdirOptions,
  PendingFile,
  StorageRemoveOptions,
  StorageReplaceOptions,
  StorageResumeOptions,
  ResumeResult,
  Storage,
  StorageChange,
  StorageWatchOptions,
  StorageUploadStatus,
  StoredFile,
  StorageWriteOptions,
  WholeFile,
} from '../storage.js';
import { appendInTree, copyInTree } from './files/copy-in-tree.js';
import { makeDirectories, makeDirectory } from './ops/make-directory.js';
import { syncCalls } from './calls/sync-calls.js';
import { fileCalls, type FileCalls } from './calls/file-calls.js';
import { withPath } from './calls/file-failure.js';
import { OpenedFile } from './files/opened-file.js';
import { PartFile } from './files/part-file.js';
import { PartFolders } from './parts/part-folders.js';
import { PathLocks } from './path-locks.js';
import { renameInTree } from './ops/rename-in-tree.js';
import { resumeInTree } from './files/resume-in-tree.js';
import { uploadStatusInTree } from './ops/upload-status-in-tree.js';
import type { DirectoryContext } from './directory-context.js';
import type { DirectoryInternals } from './directory-internals.js';
import { readSmallFile, writeSmallFile } from './files/small-files.js';
import { listTree } from './ops/list-tree.js';
import { chmodInTree } from './ops/chmod-in-tree.js';
import { statAtOnce, statInTree } from './ops/stat-in-tree.js';
import { utimesInTree } from './ops/utimes-in-tree.js';
import { removeFromTree } from './ops/remove-from-tree.js';
import { Versions } from './versions.js';
import type { DirectoryStorageSettings } from './directory-storage-options.js';
import { TreeWatchers } from './watching/tree-watchers.js';
import { PathResolver } from './walk/path-resolver.js';

/** What the methods of a {@link DirectoryStorage} do. Loaded when a method is first called: a client never needs it. */
export class DirectoryTree implements Storage {
  readonly #context: DirectoryContext;
  readonly #watchers: TreeWatchers;

  /** @param rootPath - the absolute path of the directory */
  constructor(rootPath: string, settings: DirectoryStorageSettings, internals: DirectoryInternals) {
    const { durable, expiryMs, maxSuspendedUploads, fileCalls: mode, watching } = settings;
    const { calls = mode === 'auto' ? callsFor(rootPath) : fileCalls } = internals;
    const resolver = new PathResolver(calls, rootPath, internals);
    const locks = new PathLocks();
    this.#context = {
      calls,
      resolver,
      parts: new PartFolders({ calls, resolver, locks }, { expiryMs, maxSuspendedUploads }),
      locks,
      versions: new Versions(calls),
      directorySizes: { areWrong: false },
      durable,
    };
    this.#watchers = new TreeWatchers(() => this.#context, watching, internals.systemWatch);
  }

  /** Returns the entry at a path. */
  stat(path: RemotePath): Promise<FileEntry> {
    const entry = this.#atOnce(
      path,
      () => statAtOnce(this.#context, path) ?? statInTree(this.#context, path),
    );
    return isPromise(entry) ? entry : Promise.resolve(entry);
  }

  /** Lists a directory. A subdirectory that the process may not read is listed without its content. */
  list(path: RemotePath, options: StorageListOptions): AsyncIterable<FileEntry> {
    return listTree(this.#context, path, options);
  }

  /** Watches a directory, by one watch of the system for each directory. Links are not followed. */
  watch(path: RemotePath, options: StorageWatchOptions): AsyncIterable<readonly StorageChange[]> {
    return this.#watchers.watch(path, options);
  }

  /** Opens a file for reading. */
  read(path: RemotePath): Promise<StoredFile> {
    return this.#withPath(path, () => OpenedFile.open(this.#context, path));
  }

  /** Reads a small file, if its file system is local and fast; then nearly always without a promise. */
  readFile(path: RemotePath): MaybePromise<WholeFile | undefined> {
    return this.#atOnce(path, () => readSmallFile(this.#context, path));
  }

  /** Starts a new version of a file, with the permissions of the file that it replaces, and its owner if that is allowed. */
  write(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    return PartFile.create(this.#context, path, options);
  }

  /** Stores a whole file, with the permissions of the file that it replaces; a small one nearly always without a promise. */
  writeFile(
    path: RemotePath,
    pieces: readonly Uint8Array[],
    options: StorageWriteOptions,
  ): MaybePromise<FileEntry> {
    return this.#atOnce(path, () => {
      const stored = writeSmallFile(this.#context, path, { pieces, options });
      return stored && !isPromise(stored) ? stored : this.#writeWhole(stored, path, { pieces, options });
    });
  }

  /** Starts a new version of a file from a copy of the current one; where the file system can, the copy shares its blocks. */
  append(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    return this.#withPath(path, () => appendInTree(this.#context, path, options));
  }

  /** Sets the modification time of a file or directory. EACCES for the root. */
  utimes(path: RemotePath, mtime: Date): Promise<FileEntry> {
    return this.#withPath(path, () => utimesInTree(this.#context, path, mtime));
  }

  /** Sets the permission bits of a file or directory, regardless of the umask. ENOTSUP on Windows; EACCES for the root. */
  chmod(path: RemotePath, mode: number): Promise<FileEntry> {
    return this.#withPath(path, () => chmodInTree(this.#context, path, mode));
  }

  /** Resumes an upload of this process or of an earlier one. */
  resume(path: RemotePath, options: StorageResumeOptions): Promise<ResumeResult | undefined> {
    return this.#withPath(path, () => this.#unlessUnavailable(resumeInTree(this.#context, path, options)));
  }

  /** Tells how far an upload of this process or of an earlier one came. */
  uploadStatus(path: RemotePath, uploadId: string): Promise<StorageUploadStatus | undefined> {
    return this.#withPath(path, () =>
      this.#unlessUnavailable(uploadStatusInTree(this.#context, path, uploadId)),
    );
  }

  /** Creates a directory; with `recursive`, also the root. */
  mkdir(path: RemotePath, options: StorageMkdirOptions): Promise<void> {
    return this.#withPath(path, () =>
      (options.recursive ? makeDirectories : makeDirectory)(this.#context, path),
    );
  }

  /** Removes a file or directory. EACCES for the root. Links in a directory are removed, not followed. */
  remove(path: RemotePath, options: StorageRemoveOptions): Promise<void> {
    const { locks } = this.#context;
    return this.#withPath(path, () =>
      locks.hold([path], () => this.#invalidating(removeFromTree(this.#context, path, options))),
    );
  }

  /**
   * Renames a file or directory. Without `overwrite`, a file never replaces one that appears at the same time. A renamed
   * directory replaces an empty directory that another process creates between the check and the rename.
   */
  rename(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<void> {
    const { locks } = this.#context;
    const { overwrite } = options;
    return this.#withPath(from, () =>
      locks.hold([from, to], () => this.#invalidating(renameInTree(this.#context, { from, to, overwrite }))),
    );
  }

  /**
   * Copies a file with its permissions. The copy shares the blocks of the file if the file system supports that; if not,
   * it has holes where the file has them.
   */
  copy(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry> {
    return this.#withPath(from, () => copyInTree(this.#context, { from, to, ...options }));
  }

  /** Removes the private folders that this storage has used, if they are empty. */
  close(): Promise<void> {
    return this.#context.parts.close();
  }

  async #writeWhole(
    stored: Promise<FileEntry | undefined> | undefined,
    path: RemotePath,
    { pieces, options }: { readonly pieces: readonly Uint8Array[]; readonly options: StorageWriteOptions },
  ): Promise<FileEntry> {
    const found = await stored;
    if (found) return found;
    const part = await PartFile.create(this.#context, path, options);
    await part.write(pieces);
    return part.commit();
  }

  /** As `withPath`, without a promise if `work` returns none. */
  #atOnce<T>(path: RemotePath, work: () => MaybePromise<T>): MaybePromise<T> {
    try {
      const result = work();
      return isPromise(result) ? this.#withPath(path, () => result) : result;
    } catch (error) {
      return this.#withPath(path, async () => {
        throw error;
      });
    }
  }

  #withPath<T>(path: RemotePath, work: () => Promise<T>): Promise<T> {
    return withPath(this.#context.resolver, path, work);
  }

  /** An upload is not unknown because its disk is not mounted. */
  async #unlessUnavailable<T>(finding: Promise<T | undefined>): Promise<T | undefined> {
    const found = await finding;
    const unavailable = found ? undefined : await this.#context.resolver.unavailable();
    if (unavailable) throw unavailable;
    return found;
  }

  /** Waits for a change that may move or remove open directories. */
  async #invalidating(change: Promise<void>): Promise<void> {
    try {
      await change;
    } finally {
      this.#context.resolver.clearCache();
    }
  }
}

function callsFor(rootPath: string): FileCalls {
  return syncCalls(fileCalls, new LocalMount(rootPath));
}
