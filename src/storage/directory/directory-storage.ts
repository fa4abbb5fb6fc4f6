/**
 * A directory of the file system as a storage.
 *
 *     method -> DirectoryTree, loaded by the first call
 */
import path from 'node:path';
import { inspect } from 'node:util';
import { lazyModule } from '../../lazy-module.js';
import type { MaybePromise } from '../../maybe-promise.js';
import type { FileEntry } from '../../protocol/entry.js';
import { batchesOf, EntriesOfBatches } from '../../protocol/listings/entries-of-batches.js';
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
import type { DirectoryInternals } from './directory-internals.js';
import { directoryStorageSettings, type DirectoryStorageOptions } from './directory-storage-options.js';
import type { DirectoryTree } from './directory-tree.js';

const treeModule = lazyModule(() => import('./directory-tree.js'));

/**
 * A storage of the files and directories below a directory. Symbolic links, devices, sockets and FIFOs are not listed, and
 * a path that contains one fails (ELOOP, EACCES), except that they can be removed; only the path of the root itself may
 * contain links. Names that are not valid in a remote path, or not UTF-8, are not listed but reported to `onOmitted`. On
 * Windows, names that are not portable (`isPortablePath`) are refused with EILSEQ: they lead to streams and devices.
 *
 * A new file is written to the folder `.socket-ftp` in its directory, a small one to a name `.socket-ftp-<32 digits>`;
 * clients cannot see either, and the file appears by a rename. It gets the group and the default access control list of the directory. Writes to the same path exclude each other
 * within a process; between processes the last rename wins. Suspended uploads and commit records stay in the folder; the
 * first write to the directory, and later a write once an hour, removes those older than `suspendedExpiryMs`. An empty
 * folder is removed after a few seconds without use.
 *
 * On Linux with `/proc`, no concurrent change of directories and links leads out of the root. Other systems check each
 * name before and after a file is opened, which is weaker: no other program should create symbolic links below the root.
 */
export class DirectoryStorage implements Storage {
  /** Resolves with the tree; all calls get the same one. */
  readonly #load: () => Promise<DirectoryTree>;
  #tree: DirectoryTree | undefined;
  #isUsed = false;

  /**
   * @param root - path of the directory, which must exist when the storage is used; `mkdir(REMOTE_ROOT, { recursive: true })`
   * creates it
   */
  constructor(root: string, options?: DirectoryStorageOptions);
  /** @internal */
  constructor(root: string, options: DirectoryStorageOptions, internals: DirectoryInternals);
  constructor(root: string, options: DirectoryStorageOptions = {}, internals: DirectoryInternals = {}) {
    const settings = directoryStorageSettings(options);
    if (typeof root !== 'string' || root === '' || root.includes('\0')) {
      throw new TypeError(`The root of a DirectoryStorage must be a path, not ${inspect(root)}.`);
    }
    const rootPath = path.resolve(root);
    this.#load = lazyModule(async () => {
      this.#isUsed = true;
      const { DirectoryTree } = await treeModule();
      return (this.#tree = new DirectoryTree(rootPath, settings, internals));
    });
  }

  /** Returns the entry at a path. */
  stat(path: RemotePath): Promise<FileEntry> {
    return this.#run((tree) => tree.stat(path));
  }

  /** Lists a directory. A subdirectory that the process may not read is listed without its content. */
  list(path: RemotePath, options: StorageListOptions): AsyncIterable<FileEntry> {
    if (this.#tree) return this.#tree.list(path, options);
    return new EntriesOfBatches(() => this.#later((tree) => batchesOf(tree.list(path, options))));
  }

  /** Watches a directory, by one watch of the system for each directory. Links are not followed. */
  watch(path: RemotePath, options: StorageWatchOptions): AsyncIterable<readonly StorageChange[]> {
    return this.#later((tree) => tree.watch(path, options));
  }

  /** Opens a file for reading. */
  read(path: RemotePath): Promise<StoredFile> {
    return this.#run((tree) => tree.read(path));
  }

  /** Reads a small file, if its file system is local and fast; then nearly always without a promise. */
  readFile(path: RemotePath): MaybePromise<WholeFile | undefined> {
    return this.#atOnce((tree) => tree.readFile(path));
  }

  /** Starts a new version of a file, with the permissions of the file that it replaces, and its owner if that is allowed. */
  write(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    return this.#run((tree) => tree.write(path, options));
  }

  /** Stores a whole file, with the permissions of the file that it replaces; a small one nearly always without a promise. */
  writeFile(
    path: RemotePath,
    pieces: readonly Uint8Array[],
    options: StorageWriteOptions,
  ): MaybePromise<FileEntry> {
    return this.#atOnce((tree) => tree.writeFile(path, pieces, options));
  }

  /** Starts a new version of a file from a copy of the current one; where the file system can, the copy shares its blocks. */
  append(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    return this.#run((tree) => tree.append(path, options));
  }

  /** Sets the modification time of a file or directory. EACCES for the root. */
  utimes(path: RemotePath, mtime: Date): Promise<FileEntry> {
    return this.#run((tree) => tree.utimes(path, mtime));
  }

  /** Sets the permission bits of a file or directory, regardless of the umask. ENOTSUP on Windows; EACCES for the root. */
  chmod(path: RemotePath, mode: number): Promise<FileEntry> {
    return this.#run((tree) => tree.chmod(path, mode));
  }

  /** Resumes an upload of this process or of an earlier one. */
  resume(path: RemotePath, options: StorageResumeOptions): Promise<ResumeResult | undefined> {
    return this.#run((tree) => tree.resume(path, options));
  }

  /** Tells how far an upload of this process or of an earlier one came. */
  uploadStatus(path: RemotePath, uploadId: string): Promise<StorageUploadStatus | undefined> {
    return this.#run((tree) => tree.uploadStatus(path, uploadId));
  }

  /** Creates a directory; with `recursive`, also the root. */
  mkdir(path: RemotePath, options: StorageMkdirOptions): Promise<void> {
    return this.#run((tree) => tree.mkdir(path, options));
  }

  /** Removes a file or directory. EACCES for the root. Links in a directory are removed, not followed. */
  remove(path: RemotePath, options: StorageRemoveOptions): Promise<void> {
    return this.#run((tree) => tree.remove(path, options));
  }

  /**
   * Renames a file or directory. Without `overwrite`, a file never replaces one that appears at the same time. A renamed
   * directory replaces an empty directory that another process creates between the check and the rename.
   */
  rename(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<void> {
    return this.#run((tree) => tree.rename(from, to, options));
  }

  /**
   * Copies a file with its permissions. The copy shares the blocks of the file if the file system supports that; if not,
   * it has holes where the file has them.
   */
  copy(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry> {
    return this.#run((tree) => tree.copy(from, to, options));
  }

  /** Removes the private folders that this storage has used, if they are empty. */
  async close(): Promise<void> {
    // A storage that was never used has nothing to close.
    if (this.#isUsed) await this.#run((tree) => tree.close());
  }

  #run<Result>(call: (tree: DirectoryTree) => Promise<Result>): Promise<Result> {
    return this.#tree ? call(this.#tree) : this.#load().then(call);
  }

  /** As `#run`, without a promise if the call returns none. */
  #atOnce<Result>(call: (tree: DirectoryTree) => MaybePromise<Result>): MaybePromise<Result> {
    return this.#tree ? call(this.#tree) : this.#load().then(call);
  }

  async *#later<Item>(
    iterate: (tree: DirectoryTree) => AsyncIterable<Item>,
  ): AsyncGenerator<Item, undefined, undefined> {
    yield* iterate(await this.#load());
    return undefined;
  }
}
