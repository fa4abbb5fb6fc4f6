/** EntryClient: the methods of a client for the entries of directories, each one request. */
import { TransferError } from '../errors.js';
import type { ChecksumAlgorithm } from '../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../protocol/entry.js';
import { BaseClient, contextOf } from './base-client.js';
import type { CallOptions } from './request/abort.js';
import { callChange, callIdempotentChange } from './request/call.js';
import { chmod, remove, rename, stat, utimes } from './request/call-on-named.js';
import {
  recursiveFields,
  replaceFields,
  type MkdirOptions,
  type RemoveOptions,
  type ReplaceOptions,
} from './request/fields.js';
import * as paths from './request/path-argument.js';
import { EntryIterator, type Listing, type ListOptions } from './streams/entry-iterator.js';
import { fileChecksum } from './whole-files/file-checksum.js';

/** The methods of a {@link FileClient} that read and change directories and their entries. */
export abstract class EntryClient extends BaseClient {
  readonly #context = contextOf(this);

  /**
   * Lists a directory, by default the root, in no particular order; recursive: a directory comes before its contents.
   * Leaving a `for await` loop, or `await using`, cancels the request. After the end, `omitted` is the number of names that
   * no path can express. Fails with ENOENT, ENOTDIR, ...
   */
  list(path = '/', options: ListOptions = {}): Listing {
    return new EntryIterator(this.#context, path, options);
  }

  /** Resolves with all entries that `list` gives. */
  async readdir(path = '/', options: ListOptions = {}): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    for await (const entry of this.list(path, options)) entries.push(entry);
    return entries;
  }

  /** Resolves with the entry at a path. Fails with ENOENT if there is none. */
  async stat(path: string, options: CallOptions = {}): Promise<FileEntry> {
    return stat(this.#context, path, options);
  }

  /** Whether there is a file or directory at a path. */
  async exists(path: string, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.stat(path, options);
      return true;
    } catch (error) {
      if (error instanceof TransferError && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
        return false;
      throw error;
    }
  }

  /** Creates a directory. Fails with EEXIST, or with ENOENT for a missing parent, unless recursive. */
  async mkdir(path: string, options: MkdirOptions = {}): Promise<void> {
    const { recursive, ...rest } = options;
    const fields = recursiveFields('mkdir', path, recursive);
    const call = recursive ? callIdempotentChange : callChange;
    const { path: made = fields.path } = await call(this.#context, fields, rest);
    paths.assertSamePath(fields.path, made);
  }

  /** Removes a file or an empty directory; recursive: a directory with its contents. Fails with ENOENT, ENOTEMPTY. */
  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    return remove(this.#context, path, options);
  }

  /** Renames a file or directory. Fails with ENOENT, or with EEXIST unless `overwrite` is true. */
  async rename(from: string, to: string, options: ReplaceOptions = {}): Promise<void> {
    return rename(this.#context, { from, to }, options);
  }

  /** Sets the modification time of a file or directory. Resolves with its entry, which may have another etag. */
  async utimes(path: string, mtime: Date, options: CallOptions = {}): Promise<FileEntry> {
    return utimes(this.#context, { path, mtime }, options);
  }

  /**
   * Sets the permission bits of a file or directory, 0 to 0o777. Resolves with its entry, which may have another etag. Fails
   * with ENOENT, or with ENOTSUP if the storage has no permission bits.
   */
  async chmod(path: string, mode: number, options: CallOptions = {}): Promise<FileEntry> {
    return chmod(this.#context, { path, mode }, options);
  }

  /** Copies a file on the server. Resolves with the copy. Fails with ENOENT, EISDIR, or with EEXIST as `rename`. */
  async copy(from: string, to: string, options: ReplaceOptions = {}): Promise<FileEntry> {
    const { overwrite, ...rest } = options;
    const fields = replaceFields('copy', { from, to, overwrite });
    const result = await callChange(this.#context, fields, rest);
    paths.assertSamePath(fields.to, result.path);
    return parseEntry(result, 'file');
  }

  /** Resolves with the checksum of a file, computed on the server, such as `sha256:...` in lower-case hexadecimal. */
  async checksum(
    path: string,
    algorithm: Exclude<ChecksumAlgorithm, 'none'> = 'sha256',
    options: CallOptions = {},
  ): Promise<string> {
    return fileChecksum(this.#context, { path, algorithm }, options);
  }
}
