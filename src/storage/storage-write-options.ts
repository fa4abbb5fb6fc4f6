/** The options of the methods of a storage. */
import type { RemotePath } from '../protocol/remote-path.js';

/** Options of every method that can take long. */
export interface StorageProgressOptions {
  /**
   * To be called while a call works: after each entry or chunk, as often as is convenient. Throws nothing. Optional to
   * use. A server tells a client for its `timeouts.progressMs` after the last call that it is at work on the request.
   */
  readonly onProgress?: (() => void) | undefined;
}

/** Options of `Storage.list`. */
export interface StorageListOptions extends StorageProgressOptions {
  /** Whether to list subdirectories, too. */
  readonly recursive: boolean;
  /**
   * Called for each file or directory that the listing must leave out, because its name is not valid in a remote path, with
   * the directory of the name. What is below such a directory is left out without a further call. A storage that has no such
   * names never calls it.
   */
  readonly onOmitted?: ((directory: RemotePath) => void) | undefined;
}

/** Options of `Storage.mkdir`. */
export interface StorageMkdirOptions extends StorageProgressOptions {
  /** Whether to create missing parents, and to succeed if the directory exists. */
  readonly recursive: boolean;
}

/** Options of `Storage.remove`. */
export interface StorageRemoveOptions extends StorageProgressOptions {
  /** Whether to remove a directory with its content. */
  readonly recursive: boolean;
}

/** Options of `Storage.rename` and `Storage.copy`. */
export interface StorageReplaceOptions extends StorageProgressOptions {
  /** Whether to replace an existing file. */
  readonly overwrite: boolean;
}

/** Options of `Storage.write`: conditions at the commit, and metadata of the new version. */
export interface StorageWriteOptions extends StorageReplaceOptions {
  /** The etag that the existing file must have at the commit; otherwise, or without a file, ESTALE. */
  readonly ifMatch?: string | undefined;
  /** Modification time of the new version; EINVAL for an invalid date. Default: the time of the last write. */
  readonly mtime?: Date | undefined;
  /**
   * Permission bits of the new version, 0 to 0o777, regardless of the umask; EINVAL for others. Default: those of the file
   * that it replaces, or those of a new file. A storage without permission bits ignores them.
   */
  readonly mode?: number | undefined;
  /** Expected number of bytes, if known. A hint: the server checks the size itself. */
  readonly size?: number | undefined;
  /**
   * Whether the version must be on the disk before `commit` or `writeFile` resolves. Default: the setting of the storage. A
   * storage without a disk ignores it.
   */
  readonly flush?: boolean | undefined;
  /**
   * Makes the version resumable by `Storage.resume` under this id, which must be unique. An earlier upload with the
   * same id and path is discarded. Default: the version cannot be resumed.
   */
  readonly uploadId?: string | undefined;
}

/** Options of `Storage.resume`. */
export interface StorageResumeOptions extends StorageWriteOptions {
  /** The id that was passed to `Storage.write`. */
  readonly uploadId: string;
}
