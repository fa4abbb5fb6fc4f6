/** An upload as its user sees it. */
import type { Writable } from 'node:stream';
import type { FileEntry } from '../../protocol/entry.js';
import { dateOption, flagOption, integerOption, textOption } from '../../options/option.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';

/** How to store an upload. */
export interface UploadOptions extends CallOptions {
  /** Bytes that will be written. If given, another count is refused with EBADMSG. */
  size?: number | undefined;
  /** The time of change that the file is to have, as a Date or in milliseconds. Default: when it is stored. */
  mtime?: Date | number | undefined;
  /** Whether an existing file may be replaced; EEXIST otherwise. Default true. */
  overwrite?: boolean | undefined;
  /** Only if the existing file has this etag; ESTALE otherwise. */
  ifMatch?: string | undefined;
  /** Whether the server flushes the file to disk before the request succeeds. Default: the setting of the server. */
  flush?: boolean | undefined;
}

/** How to append to a file. */
export interface AppendOptions extends CallOptions {
  /** Only if the file has this etag; ESTALE otherwise. Default: the version at the start of the append. */
  ifMatch?: string | undefined;
  /** Whether the server flushes the file to disk before the request succeeds. Default: the setting of the server. */
  flush?: boolean | undefined;
}

/** How to store an upload, as fields of its request. */
export type UploadConditions = Pick<
  RequestFields,
  'size' | 'mtime' | 'overwrite' | 'ifMatch' | 'append' | 'flush'
>;

/** The names of {@link UploadOptions}. */
export const uploadOptionNames = ['size', 'mtime', 'overwrite', 'ifMatch', 'flush', ...callOptionNames];

/** The names of {@link AppendOptions}. */
export const appendOptionNames = ['ifMatch', 'flush', ...callOptionNames];

/** The conditions that options state. Throws a TypeError for one that is wrong. */
export function uploadConditions(options: UploadOptions): UploadConditions {
  const { size, mtime, overwrite, ifMatch, flush } = options;
  return {
    size: size === undefined ? undefined : integerOption('size', size, { min: 0, default: 0 }),
    mtime: dateOption('mtime', mtime),
    overwrite: flagOption('overwrite', overwrite),
    ifMatch: textOption('ifMatch', ifMatch),
    flush: flagOption('flush', flush),
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
