/**
 * A directory of the file system as a storage. A method is a walk to the directory that holds the path (`tree.ts`),
 * then calls there; what is written goes through a part in the private folder (`part-file.ts`).
 */
import path from 'node:path';
import { TransferError } from '../../errors.js';
import { LocalMount } from '../../sync-fs/local-mount.js';
import type { FileEntry } from '../../protocol/entry.js';
import { choiceOption, flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type {
  StorageListOptions,
  StorageMkdirOptions,
  PendingFile,
  StorageRemoveOptions,
  StorageReplaceOptions,
  StorageResumeOptions,
  ResumeResult,
  Storage,
  StoredFile,
  StorageWriteOptions,
  WholeFile,
} from '../storage.js';
import { checkWriteOptions } from '../write-options.js';
import { appendInTree } from './files/append-in-tree.js';
import { copyInTree } from './files/copy-in-tree.js';
import { makeDirectories, makeDirectory } from './ops/make-directory.js';
import { syncCalls } from './calls/sync-calls.js';
import { fileCalls, type FileCalls, type Stats } from './calls/file-calls.js';
import { toFileEntry } from './calls/file-entry.js';
import { withPath } from './calls/file-failure.js';
import { OpenedFile } from './files/opened-file.js';
import { PartFile } from './files/part-file.js';
import { PartFolder } from './parts/part-folder.js';
import { PathLocks } from './path-locks.js';
import { renameInTree } from './ops/rename-in-tree.js';
import { resumeInTree } from './files/resume-in-tree.js';
import type { DirectoryContext } from './directory-context.js';
import { readSmallFile, writeSmallFile } from './files/small-files.js';
import { listTree } from './ops/list-tree.js';
import { utimesInTree } from './ops/utimes-in-tree.js';
import { removeFromTree } from './ops/remove-from-tree.js';
import { PathResolver, type Walking } from './walk/path-resolver.js';

/** How a directory storage works. */
export interface DirectoryStorageOptions {
  /**
   * Whether a change is flushed to disk, file and directory, before it is reported as done. Without, a power failure may
   * undo the change, or leave a file without its bytes. Default `true`.
   */
  readonly flush?: boolean | undefined;
  /**
   * Milliseconds that an upload which was interrupted can be gone on with, since its last byte. Default: a day. What
   * other processes write at this moment must not be that old either.
   */
  readonly suspendedExpiryMs?: number | undefined;
  /** Uploads that were interrupted and wait for being gone on with; beyond it the oldest go. Default 10,000. */
  readonly maxSuspendedUploads?: number | undefined;
  /**
   * Who makes the calls of the system. `'auto'`: short ones are made directly, where root and all that is mounted below
   * it are on a file system of this machine (on Linux), as long as they come back fast; everything else goes through
   * Node's thread pool. Small files and `stat` cost a fraction of the time then, but for as long as a call takes, the
   * whole process waits. `'threads'`: all of them go through the pool, so that nothing else waits for a disk; for a
   * process that must answer something else within milliseconds always, for disks that sleep or are frozen for
   * snapshots, and for files that other servers on the machine lend to their clients (NFS, Samba). Default: `'auto'`.
   */
  readonly fileCalls?: 'auto' | 'threads' | undefined;
}

const OPTION_NAMES = ['flush', 'suspendedExpiryMs', 'maxSuspendedUploads', 'fileCalls'];

const DEFAULT_EXPIRY_MS = 24 * 60 * 60 * 1000;

const DEFAULT_MAX_PARTIALS = 10_000;

/**
 * What tests put in the place of the system.
 *
 * @internal
 */
export interface DirectoryInternals {
  readonly calls?: FileCalls | undefined;
  readonly walking?: Walking | undefined;
}

/**
 * A directory of the file system, with all that is in it but symbolic links, devices and the like: those are not
 * listed, and not followed wherever they are in a path (ELOOP, EACCES). The directory itself may be named through
 * links. Names that a client could not say are not listed.
 *
 * New versions are written into the folder `.socket-ftp` in the directory, which no client can see and which must be
 * on the same device as what is written (EXDEV); they appear by a rename. Writes of one process to the same path
 * exclude each other; between processes the last rename counts. What was interrupted stays in the folder until it is
 * gone on with, and so do notes of what was committed; what is older than a day is removed when something is written,
 * at first and then once an hour.
 *
 * On Linux with `/proc`, no change of directories and links meanwhile leads out of the root. On other systems each
 * name on the way is checked before and after a file is opened, which is weaker: there, nobody else should be able to
 * make symbolic links below the root.
 */
export class DirectoryStorage implements Storage {
  readonly #site: DirectoryContext;

  /** A storage of a directory, which must exist when it is used: `mkdir(ROOT, { recursive: true })` makes it. */
  constructor(root: string, options?: DirectoryStorageOptions);
  /** @internal */
  constructor(root: string, options: DirectoryStorageOptions, internals: DirectoryInternals);
  constructor(root: string, options: DirectoryStorageOptions = {}, internals: DirectoryInternals = {}) {
    rejectUnknownOptions('DirectoryStorage', options, OPTION_NAMES);
    if (typeof root !== 'string' || root === '' || root.includes('\0')) {
      throw new TypeError('The root of a directory storage must be a path.');
    }
    const expiryMs = integerOption('suspendedExpiryMs', options.suspendedExpiryMs, {
      min: 1,
      default: DEFAULT_EXPIRY_MS,
    });
    const maxKept = integerOption('maxSuspendedUploads', options.maxSuspendedUploads, {
      min: 0,
      default: DEFAULT_MAX_PARTIALS,
    });
    const way = choiceOption('fileCalls', options.fileCalls, {
      choices: ['auto', 'threads'],
      default: 'auto',
    });
    const rootPath = path.resolve(root);
    const { calls = way === 'auto' ? callsFor(rootPath) : fileCalls, walking } = internals;
    const tree = new PathResolver(calls, rootPath, walking);
    this.#site = {
      calls,
      tree,
      parts: new PartFolder(calls, tree, { expiryMs, maxSuspendedUploads: maxKept }),
      locks: new PathLocks(),
      durable: flagOption('flush', options.flush) ?? true,
    };
  }

  /** What is at a path. */
  stat(path: RemotePath): Promise<FileEntry> {
    const { calls, tree } = this.#site;
    return withPath(path, async () => {
      if (path === REMOTE_ROOT) return rootEntry(await calls.stat((await tree.root()).self));
      return tree.inParent(path, async (directory, name) => {
        const stats = await calls.lstat(directory.at(name));
        if (!directory.byHandle) await directory.confirm();
        return toFileEntry(path, stats);
      });
    });
  }

  /** What a directory holds. Of directories inside that the process may not read only the names are listed. */
  list(path: RemotePath, options: StorageListOptions): AsyncIterable<FileEntry> {
    return listTree(this.#site, path, options);
  }

  /** Opens a file for reading. */
  read(path: RemotePath): Promise<StoredFile> {
    return withPath(path, () => OpenedFile.open(this.#site, path));
  }

  /** Reads a small file, where its file system is local and fast. */
  readFile(path: RemotePath): Promise<WholeFile | undefined> {
    return withPath(path, () => readSmallFile(this.#site, path));
  }

  /** Starts a new version of a file. It keeps the permissions of the file it replaces. */
  write(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    return PartFile.create(this.#site, path, options);
  }

  /** Stores a whole file. It keeps the permissions of the file it replaces. */
  writeFile(
    path: RemotePath,
    pieces: readonly Uint8Array[],
    options: StorageWriteOptions,
  ): Promise<FileEntry> {
    return withPath(path, async () => {
      checkWriteOptions(path, options);
      const stored = await writeSmallFile(this.#site, path, { pieces, options });
      if (stored) return stored;
      const part = await PartFile.create(this.#site, path, options);
      await part.write(pieces);
      return part.commit();
    });
  }

  /** Starts a new version of a file from a copy of the current one; where the file system can, the copy shares its blocks. */
  append(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile> {
    return withPath(path, () => appendInTree(this.#site, path, options));
  }

  /** Sets the modification time of a file or directory. EACCES for the root. */
  utimes(path: RemotePath, mtime: Date): Promise<FileEntry> {
    return withPath(path, () => utimesInTree(this.#site, path, mtime));
  }

  /** What is known of an upload that was interrupted, here or in a process that is gone. */
  resume(path: RemotePath, options: StorageResumeOptions): Promise<ResumeResult | undefined> {
    return withPath(path, () => resumeInTree(this.#site, path, options));
  }

  /** Makes a directory; the root too, where that is asked for with `recursive`. */
  mkdir(path: RemotePath, options: StorageMkdirOptions): Promise<void> {
    return withPath(path, () => (options.recursive ? makeDirectories : makeDirectory)(this.#site, path));
  }

  /** Removes a file or directory. EACCES for the root. Links inside a directory are removed, never followed. */
  remove(path: RemotePath, options: StorageRemoveOptions): Promise<void> {
    const { locks } = this.#site;
    return withPath(path, () =>
      locks.hold([path], () => this.#changing(removeFromTree(this.#site, path, options.recursive))),
    );
  }

  /**
   * Renames a file or directory. A file that appears meanwhile is never lost where `overwrite` is false. Whether a
   * directory may take its new name is looked up just before: an empty directory that another process makes there in
   * between is replaced.
   */
  rename(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<void> {
    const { locks } = this.#site;
    const { overwrite } = options;
    return withPath(from, () =>
      locks.hold([from, to], () => this.#changing(renameInTree(this.#site, { from, to, overwrite }))),
    );
  }

  /** Copies a file, with its permissions; where the file system can, the copy shares its blocks. */
  copy(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry> {
    return withPath(from, () => copyInTree(this.#site, { from, to, overwrite: options.overwrite }));
  }

  /** Removes the private folder if it is empty. No files are held open. */
  close(): Promise<void> {
    return this.#site.parts.close();
  }

  /** Waits for a change after which a path may lead to another directory, or to none. */
  async #changing(change: Promise<void>): Promise<void> {
    try {
      await change;
    } finally {
      this.#site.tree.forget();
    }
  }
}

/** Short calls directly, as long as the root is on this machine. */
function callsFor(rootPath: string): FileCalls {
  return syncCalls(fileCalls, new LocalMount(rootPath));
}

/** Whatever the program named: what is no directory is no root. */
function rootEntry(stats: Stats): FileEntry {
  if (!stats.isDirectory()) throw new TransferError('ENOTDIR', 'The root is not a directory.');
  return toFileEntry(REMOTE_ROOT, stats);
}
