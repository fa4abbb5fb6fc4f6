/** An upload as its user sees it. */
import type { Writable } from 'node:stream';
import type { FileEntry } from '../../protocol/entry.js';
import { dateOption, flagOption, integerOption, textOption } from '../../options/option.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { ProgressOptions } from '../request/progress.js';

/** How to store an upload. */
export interface UploadOptions extends CallOptions, ProgressOptions {
  /** Number of bytes that will be written; any other number fails with EBADMSG. Default: unknown. */
  size?: number | undefined;
  /** Modification time of the stored file. Default: the time of storing. */
  mtime?: Date | undefined;
  /** Replaces an existing file. Default true; false: an existing file fails with EEXIST. */
  overwrite?: boolean | undefined;
  /** The existing file must have this etag; otherwise the upload fails with ESTALE. */
  ifMatch?: string | undefined;
}

/** How to store an upload, as fields of its request. */
export type UploadConditions = Pick<RequestFields, 'size' | 'mtime' | 'overwrite' | 'ifMatch'>;

/** The names of {@link UploadOptions}. */
export const uploadOptionNames = ['size', 'mtime', 'overwrite', 'ifMatch', 'onProgress', ...callOptionNames];

/** The conditions that options state. Throws a TypeError for one that is wrong. */
export function uploadConditions({ size, mtime, overwrite, ifMatch }: UploadOptions): UploadConditions {
  return {
    size: size === undefined ? undefined : integerOption('size', size, { min: 0, default: 0 }),
    mtime: dateOption('mtime', mtime),
    overwrite: flagOption('overwrite', overwrite),
    ifMatch: textOption('ifMatch', ifMatch),
  };
}

/** A stored upload. */
export interface StoredUpload extends FileEntry {
  /** What both ends have verified, e.g. `crc32:0a1b2c3d`; undefined if the checksum is `'none'`. */
  readonly checksum: string | undefined;
}

/**
 * A Writable of a file's bytes, which must not be changed once they are written. It goes on after a lost connection
 * where it was. Until its `finish` an older file stands; it fails with a {@link TransferError}, which says `outcomeUnknown`
 * if all was sent and only the answer is missing.
 */
export interface UploadStream extends Writable {
  /** What was stored; settles with `finish`. */
  readonly completed: Promise<StoredUpload>;
}
