/**
 * The contract of a storage, which holds the files of a server. It has no frames and no streams: the server reads a file
 * by position into its own buffer, and passes a new file on piece by piece.
 *
 *     download: read(path) -> StoredFile.read(buffer, position) ... -> close()
 *     upload:   write(path) -> PendingFile.write(pieces) ... -> commit() or discard()
 *     append:   append(path) -> PendingFile.write(pieces) ... -> commit() or discard()
 *     after a lost connection: suspend(), later resume(path) -> PendingFile.write(pieces) ... -> commit()
 *     small files, in one call: readFile(path), writeFile(path, pieces)
 *
 * A method that fails rejects with a TransferError, or with any error whose `code` is in the table of error codes. Each
 * method names the codes that the contract requires. A change that fails with a retryable error has changed nothing, as
 * clients repeat the request; only `mkdir` and `remove` with `recursive` may have done a part. An error that comes after the
 * change, or a storage that does not know whether it was made, sets `retryable: false` or `outcomeUnknown`. A storage without the writing methods is read-only. `storageContract`
 * in `socket-ftp/contracts` checks an implementation.
 */
import type { MaybePromise } from '../maybe-promise.js';
import type { FileEntry } from '../protocol/entry.js';
import type { RemotePath } from '../protocol/remote-path.js';
import type { StorageChange, StorageWatchOptions } from './watching/storage-change.js';
import type {
  StorageListOptions,
  StorageMkdirOptions,
  StorageRemoveOptions,
  StorageReplaceOptions,
  StorageWriteOptions,
  StorageResumeOptions,
} from './storage-write-options.js';

export type { StorageChange, StorageWatchOptions };
export type {
  StorageProgressOptions,
  StorageListOptions,
  StorageMkdirOptions,
  StorageRemoveOptions,
  StorageReplaceOptions,
  StorageWriteOptions,
  StorageResumeOptions,
} from './storage-write-options.js';

/**
 * Holds files and directories. Paths are valid when they arrive; the root is `''`. ENOENT and ENOTDIR mean that the storage
 * looked and found nothing; if it cannot look, it rejects with EIO.
 */
export interface Storage {
  /**
   * Returns the entry at a path. ENOENT if nothing exists there; ENOTDIR if a parent is a file; ELOOP or EACCES for what
   * the storage does not serve, such as symbolic links and devices.
   */
  stat(path: RemotePath): Promise<FileEntry>;

  /**
   * Lists a directory, in any order; recursive: with everything below it, each directory before its content. ENOENT;
   * ENOTDIR for a file.
   */
  list(path: RemotePath, options: StorageListOptions): AsyncIterable<FileEntry>;

  /** Opens a file for reading. ENOENT; EISDIR for a directory. */
  read(path: RemotePath): Promise<StoredFile>;

  /**
   * Reads a small file completely. Optional: the server calls it first, and calls `read` if the result is undefined, for
   * example because the file is large. Fails like `read`. A storage that need not wait may return the file without a promise.
   */
  readFile?(path: RemotePath): MaybePromise<WholeFile | undefined>;

  /**
   * Starts a new version of a file, which becomes visible at the path by `commit` only. Rejects if `commit` would fail at
   * present: ENOENT if the parent directory is missing; EISDIR if the path is a directory; EEXIST if the file exists and
   * `overwrite` is false; ESTALE if its etag differs from `ifMatch`; EINVAL for an invalid `mtime` or `mode`.
   */
  write?(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile>;

  /**
   * Stores a complete file in one call, with the conditions and errors of `write` and `commit`. The file appears completely
   * or not at all. The storage must not change the pieces, nor use them after the promise has settled. Optional in
   * addition to `write`: the server calls it for small files that it has received completely. A storage that need not wait
   * may return the entry without a promise.
   */
  writeFile?(
    path: RemotePath,
    pieces: readonly Uint8Array[],
    options: StorageWriteOptions,
  ): MaybePromise<FileEntry>;

  /**
   * Resumes an upload that was started with this id for this path, also by an earlier process. Resolves with undefined if
   * the id is unknown. If `commit` would fail at present, the upload is discarded, with EISDIR, EEXIST or ESTALE. EBUSY
   * while another request writes the upload. Optional: for a storage without it, the server keeps the pending file open
   * as long as the server runs.
   */
  resume?(path: RemotePath, options: StorageResumeOptions): Promise<ResumeResult | undefined>;

  /**
   * Tells how far an upload came that was started with this id for this path, also by an earlier process. Resolves with
   * undefined if the id is unknown. Changes nothing: the upload is neither locked nor kept for longer, and `resume` finds
   * the same. Optional, in a storage with `resume`: without it, the server knows only the uploads that it has in memory.
   */
  uploadStatus?(path: RemotePath, uploadId: string): Promise<StorageUploadStatus | undefined>;

  /**
   * Starts a new version of a file that begins with the bytes of the current one; `PendingFile.write` adds bytes to its
   * end. ENOENT; EISDIR. `commit` rejects with ESTALE if the file is no longer the version at the start of the append, which
   * `ifMatch` names (ESTALE at once if the file has another etag). `overwrite`, `mode` and `uploadId` have no effect; `size`
   * counts the added bytes only. Optional: without it, appends fail with ENOTSUP.
   */
  append?(path: RemotePath, options: StorageWriteOptions): Promise<PendingFile>;

  /**
   * Sets the modification time of a file or directory and returns its entry, which may have another etag. ENOENT; EINVAL
   * for an invalid date; EACCES for the root. Optional: without it, `utimes` fails with ENOTSUP.
   */
  utimes?(path: RemotePath, mtime: Date): Promise<FileEntry>;

  /**
   * Sets the permission bits of a file or directory, 0 to 0o777, and returns its entry, which may have another etag. ENOENT;
   * EINVAL for other bits; EACCES for the root; ENOTSUP where files have none. Optional: without it, `chmod` fails with ENOTSUP.
   */
  chmod?(path: RemotePath, mode: number): Promise<FileEntry>;

  /**
   * Creates a directory. EEXIST if the path exists; ENOENT if the parent is missing. With `recursive` it also creates
   * missing parents, and EEXIST means that the path is a file.
   */
  mkdir?(path: RemotePath, options: StorageMkdirOptions): Promise<void>;

  /**
   * Removes a file or an empty directory; recursive: a directory with its content. ENOENT; ENOTEMPTY; EACCES for the root.
   */
  remove?(path: RemotePath, options: StorageRemoveOptions): Promise<void>;

  /**
   * Renames a file or directory. EEXIST if the target exists and `overwrite` is false. With `overwrite`, EISDIR if the
   * target is a directory, and ENOTDIR if a directory would replace a file. EINVAL if the target is inside of the source;
   * EACCES for the root.
   */
  rename?(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<void>;

  /**
   * Copies a file and returns the entry of the copy, which appears completely or not at all. EISDIR if source or target is
   * a directory; EEXIST if the target exists and `overwrite` is false.
   */
  copy?(from: RemotePath, to: RemotePath, options: StorageReplaceOptions): Promise<FileEntry>;

  /**
   * Watches a directory: first gives a snapshot, then changes in batches. What the consumer has not taken is bounded: beyond
   * the bound, `lost` and another snapshot. ENOENT, also later, if the directory is removed or replaced; ENOTDIR. Optional.
   */
  watch?(path: RemotePath, options: StorageWatchOptions): AsyncIterable<readonly StorageChange[]>;

  /** Releases the resources of the storage. The program that created the storage calls it after the last use. */
  close?(): Promise<void>;
}

/** The names of the writing methods; a read-only storage has none of them. */
export type WritingMethod =
  'write' | 'writeFile' | 'resume' | 'append' | 'utimes' | 'chmod' | 'mkdir' | 'remove' | 'rename' | 'copy';

/** Result of {@link Storage.resume}. */
export type ResumeResult =
  | {
      /** The upload was not committed. */
      readonly kind: 'pending';
      /** Continues after the bytes written so far. */
      readonly pending: PendingFile;
      /** Number of bytes written so far. */
      readonly bytes: number;
    }
  | {
      /** The upload was committed. */
      readonly kind: 'committed';
      /** The committed file; without an etag if the path holds another file by now, or none. */
      readonly entry: FileEntry;
      /** The token that was passed to {@link PendingFile.commit}. */
      readonly commitToken: string;
    };

/** Result of {@link Storage.uploadStatus}. */
export type StorageUploadStatus =
  | {
      /** The upload was not committed. */
      readonly kind: 'suspended';
      /** Number of bytes written so far. */
      readonly bytes: number;
      /** Milliseconds after which the storage may discard the upload. Default: it is kept until it is discarded. */
      readonly expiresInMs?: number | undefined;
    }
  | Extract<ResumeResult, { kind: 'committed' }>;

/** Result of {@link Storage.readFile}. */
export interface WholeFile {
  /** The version that was read: an entry of kind `'file'` with an etag. */
  readonly entry: FileEntry;
  /** All bytes. They belong to the caller: the storage must not use them again. */
  readonly bytes: Uint8Array;
}

/**
 * A file that is open for reading. It keeps reading the version that was opened, even after that was replaced. The server
 * makes one call at a time.
 */
export interface StoredFile {
  /** The version that was opened: an entry of kind `'file'` with an etag, which is weak if it begins with `W/`. */
  readonly entry: FileEntry;
  /** Reads up to `target.length` bytes at a position. Resolves with the number of bytes read; 0 only at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  /**
   * Returns the present etag of the open file. It differs from `entry.etag` if the bytes may have changed since the file
   * was opened; replacing the file at its path does not change it.
   */
  etag(): Promise<string | undefined>;
  /**
   * Returns the present entry of the open file. Optional, for storages whose etags change with the metadata of a file: if
   * the etag has changed, but neither the size nor the time, the server reads the bytes again that it has sent, and fails
   * with ESTALE only if they differ. Without it, every other etag is ESTALE.
   */
  stat?(): Promise<FileEntry>;
  /**
   * Resolves when the file may have grown, or its path may lead to another version, or the signal is aborted; never rejects.
   * From the first call on, `read` gives bytes that were added after the file was opened. Optional: the server looks again
   * each second.
   */
  grown?(signal: AbortSignal): Promise<void>;
  /** Closes the file. The server calls it once, also after errors. */
  close(): Promise<void>;
}

/**
 * A new version of a file that is being written. It ends by `commit`, `discard` or `suspend`, or when `write` or `commit`
 * rejects; then nothing of it is left. The server makes one call at a time.
 */
export interface PendingFile {
  /** Appends pieces in order. The storage must not use them after the promise has settled. */
  write(pieces: readonly Uint8Array[]): Promise<void>;
  /**
   * Makes the version visible at its path, atomically, and returns its entry. Rejects as `write` does if a condition fails.
   * `commitToken` is passed only for a version with an id: for some time after the commit, `resume` reports the commit with
   * this token, even to a later process.
   */
  commit(commitToken?: string): Promise<FileEntry>;
  /** Removes the version. Never rejects, and does nothing if the version has ended. */
  discard(): Promise<void>;
  /**
   * Ends the writing, and keeps the bytes for `resume` if the version has an id. A version without an id is discarded.
   * Required in storages with `resume`.
   */
  suspend?(): Promise<void>;
  /**
   * Reads bytes written so far, like {@link StoredFile.read}: the server computes the checksum of a resumed upload from
   * them, and the hook `beforeCommit` reads them. Those of an append begin with the bytes of the file that it continues.
   * Required in storages with `resume`; without it, `beforeCommit` cannot read uploads of more than 64 KiB.
   */
  read?(target: Uint8Array, position: number): Promise<number>;
}
