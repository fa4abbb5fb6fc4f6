import type { Readable } from 'node:stream';
import type { FileEntry } from '../../protocol/entry.js';
import type { CallOptions } from '../request/abort.js';
import type { ProgressOptions } from '../request/progress.js';

/** Options of a download: the range, and the version of the file. */
export interface DownloadOptions extends CallOptions, ProgressOptions {
  /** First byte of the file. Default 0. An offset beyond the end of the file fails with ERANGE. */
  offset?: number | undefined;
  /** Maximum number of bytes. Default: up to the end of the file. */
  length?: number | undefined;
  /**
   * Goes on as the file grows, like `tail -f`, until the stream is destroyed or its signal aborted. A file that is truncated, or
   * replaced by one that does not begin with the same bytes, ends the download with ESTALE. Excludes `length`. ENOTSUP if the
   * server cannot do it. Default false.
   */
  follow?: boolean | undefined;
  /** The file must have this etag; otherwise the download fails with ESTALE. */
  ifMatch?: string | undefined;
}

/** The verified bytes of a download. */
export interface VerifiedDownload {
  /** Number of bytes. */
  readonly bytes: number;
  /** Verified checksum, e.g. `crc32:0a1b2c3d`; undefined with the checksum `'none'`, where only the number is verified. */
  readonly checksum: string | undefined;
  /**
   * The etag at the end of the download. It differs from that of `entry` if the metadata of the file, such as its
   * permissions, was changed meanwhile.
   */
  readonly etag: string | undefined;
}

/**
 * A Readable of a file's bytes. It continues after a lost connection, and never ends early or mixes two versions of the
 * file (ESTALE). It fails with a {@link TransferError}. A listener for `error` is optional if a promise that was taken from
 * the stream rejects with the error.
 */
export interface DownloadStream extends Readable {
  /** The file: size (of the whole file, in bytes), mtime and etag. Resolves before the first byte. */
  readonly entry: Promise<FileEntry>;
  /** The verified bytes; settles with `end`. */
  readonly completed: Promise<VerifiedDownload>;
}
