/**
 * The contract of a storage: where a server's files are. It has words only, no frames and no streams: an operation
 * reads a file by position into a buffer of its own, and hands a new one over piece by piece.
 *
 *     download: read(path) -> StoredFile.read(buffer, position) ... -> close()
 *     upload:   write(path) -> PendingFile.write(pieces) ... -> commit() or discard()
 *     append:   append(path) -> PendingFile.write(pieces) ... -> commit() or discard()
 *     after a cut: suspend(), later resume(path) -> PendingFile.write(pieces) ... -> commit()
 *     small files, in one call: readFile(path), writeFile(path, pieces)
 *
 * Every method rejects with a TransferError, or with any error that has a `code` of its table. A storage without the
 * methods that write is read-only. `storageContract` in `socket-ftp/contracts` checks an implementation.
 */
import type { FileEntry } from '../protocol/entry.js';
import type { RemotePath } from '../protocol/remote-path.js';

/** A place for files. Paths arrive checked; the root is `''`. */
export interface Storage {
  /** What is at a path. ENOENT if nothing is; ELOOP or EACCES for what is not served. */
  stat(path: RemotePath): Promise<FileEntry>;

  /** What a directory holds, in no order; recursive: parents before what they hold. ENOENT, ENOTDIR. */
  list(path: RemotePath, options: StorageListOptions): AsyncIterable<FileEntry>;

  /** Opens a file for reading. ENOENT, EISDIR. */
  read(path: RemotePath): Promise<StoredFile>;

  /**
   * Reads a small file whole. Optional: a server calls it before `read`, and calls `read` where it resolves with undefined,
   * e.g. because the file is large. Rejects as `read` does.
   */
  readFile?(path: RemotePath): Promise<WholeFile | undefined>;

  /**
   * Starts a new version of a file: nothing shows under the path before `commit`. The directory must exist (ENOENT).
   * Refuses at once what `commit` would refuse as things stand: EISDIR, EEXIST, ESTALE.
   */
  write?(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile>;

  /**
   * Stores a whole file in one call, as `write` and `commit` do together: it appears whole or not at all, under the same
   * conditions and with the same errors. The pieces are not changed, and not used after the promise is settled. Optional
   * beside `write`: a server calls it for small files that it has received whole.
   */
  writeFile?(
    path: RemotePath,
    pieces: readonly Uint8Array[],
    options: StorageWriteOptions,
  ): Promise<FileEntry>;

  /**
   * What is known of a version that was begun under an id for this path, also by a process that is gone: undefined if
   * nothing is. One that is pending goes on with `pending`, unless `commit` would refuse it as things stand: then it is
   * thrown away, and EISDIR, EEXIST or ESTALE say so. EBUSY while somebody else writes it. Only for storages that keep
   * what is suspended; a server keeps the pending file of others itself, as long as it runs.
   */
  resume?(path: RemotePath, options: StorageResumeOptions): Promise<ResumeResult | undefined>;

  /**
   * Starts a new version of a file that begins with the bytes of the current one; `PendingFile.write` adds bytes to its
   * end. ENOENT, EISDIR. `commit` rejects with ESTALE if the file is not the version any more that the append began with.
   * `ifMatch` names that version (ESTALE at once if the file has another etag). `overwrite` and `uploadId` have no effect;
   * `size` counts the added bytes only. Optional: without it, appends fail with ENOTSUP.
   */
  append?(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile>;

  /**
   * Sets the modification time of a file or directory, and resolves with its entry. ENOENT; EACCES for the root; EINVAL if
   * the time is not a date. The content does not change, but the etag may. Optional: without it, `utimes` fails with ENOTSUP.
   */
  utimes?(path: RemotePath, mtime: Date): Promise<FileEntry>;

  /** Makes a directory. EEXIST; recursive makes its parents, too, and has EEXIST only for what is no directory. */
  mkdir?(path: RemotePath, options: StorageMkdirOptions): Promise<void>;

  /** Removes a file or an empty directory; recursive: a directory with all it holds. ENOENT, ENOTEMPTY; EACCES for the root. */
  remove?(path: RemotePath, options: StorageRemoveOptions): Promise<void>;

  /**
   * Renames a file or directory. EEXIST if the target exists, unless `overwrite`: then EISDIR if it is a directory, and
   * ENOTDIR if it is a file that a directory would replace. EINVAL into itself; EACCES for the root.
   */
  rename?(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<void>;

  /** Copies a file; the copy appears whole. EISDIR for a directory on either side; EEXIST. Resolves with the copy. */
  copy?(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry>;

  /** Frees what the storage holds. Called by whoever made it, after the last use. */
  close?(): Promise<void>;
}

/** The parts of a storage that write; a read-only one has none of them. */
export type WritingMethod =
  'write' | 'writeFile' | 'resume' | 'append' | 'utimes' | 'mkdir' | 'remove' | 'rename' | 'copy';

/** How to list a directory. */
export interface StorageListOptions {
  /** Whether to go into directories, too. */
  readonly recursive: boolean;
}

/** How to make a directory. */
export interface StorageMkdirOptions {
  /** Whether to make the parents, and to be content if the directory is there. */
  readonly recursive: boolean;
}

/** What may be removed. */
export interface StorageRemoveOptions {
  /** Whether to remove a directory with all it holds. */
  readonly recursive: boolean;
}

/** What a new path may take the place of. */
export interface StorageReplaceOptions {
  /** Whether an existing file may be replaced. */
  readonly overwrite: boolean;
}

/** What the new version of a file must meet when it is committed. */
export interface StorageWriteOptions extends StorageReplaceOptions {
  /** Only if the file has this etag at the commit (ESTALE otherwise, also if there is none). */
  readonly ifMatch?: string | undefined;
  /** The time of change that the file is to have (EINVAL if it is no date). Default: that of the last write. */
  readonly mtime?: Date | undefined;
  /** Bytes that will come, if that is known. A hint: the operation checks it. */
  readonly size?: number | undefined;
  /**
   * Whether the file must be on the disk before `commit` or `writeFile` resolves. Default: the storage's own setting. A
   * storage without a disk ignores it.
   */
  readonly flush?: boolean | undefined;
  /**
   * Under which the version can be gone on with by `resume`: a word that nobody else uses. What is there under it for
   * the same path is thrown away. Default: it cannot be gone on with.
   */
  readonly uploadId?: string | undefined;
}

/** How to go on with a version. */
export interface StorageResumeOptions extends StorageWriteOptions {
  /** The id under which it was begun. */
  readonly uploadId: string;
}

/** What is known of a version that was begun earlier. */
export type ResumeResult =
  | {
      /** It was not committed. */
      readonly kind: 'pending';
      /** Appends to what is there. */
      readonly pending: PendingFile;
      /** Bytes that are there. */
      readonly bytes: number;
    }
  | {
      /** It was committed with a receipt. */
      readonly kind: 'committed';
      /** What was stored; without an etag if something else is under the path by now. */
      readonly entry: FileEntry;
      /** What `commit` was given. */
      readonly receipt: string;
    };

/** A small file, read whole. */
export interface WholeFile {
  /** The version that was read; always of kind `'file'`, with an etag. */
  readonly entry: FileEntry;
  /** All of its bytes. They belong to the caller: the storage does not change them, and does not use them again. */
  readonly bytes: Uint8Array;
}

/** A file opened for reading: the version that it was at that moment. One call at a time. */
export interface StoredFile {
  /** What was opened; always of kind `'file'`, with an etag. */
  readonly entry: FileEntry;
  /** Reads up to `target.length` bytes from a position on. Resolves with how many; 0 only at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** The etag as it is now; another one if the bytes may have changed since. A version that was replaced has not. */
  etag(): Promise<string | undefined>;
  /** Called once, whatever happened. */
  close(): Promise<void>;
}

/** A version that is being written. Ends with `commit` or `discard`, or where either or `write` rejects; one call at a time. */
export interface PendingFile {
  /** Appends pieces, in order. They are the storage's only until it resolves. */
  write(pieces: readonly Uint8Array[]): Promise<void>;
  /**
   * Lets the version appear under its path, at once and whole. Rejects with EEXIST or ESTALE where a condition fails.
   * With a receipt, which is given for a version with an id only, `resume` can tell for a while that it was committed,
   * whatever becomes of the process meanwhile.
   */
  commit(receipt?: string): Promise<FileEntry>;
  /** Leaves no trace of it. Does not reject, and does nothing to a version that has ended. */
  discard(): Promise<void>;
  /**
   * Ends it as `discard` does, but keeps what was written for `resume`, if the version has an id and nothing has
   * failed. Where there is no such method, nothing can be kept.
   */
  suspend?(): Promise<void>;
  /** Reads what was written, as {@link StoredFile.read} does, to sum up what an earlier process has taken. */
  read?(target: Uint8Array, position: number): Promise<number>;
}
