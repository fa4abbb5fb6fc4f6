/** The options and the public interface of an upload. */
import type { Writable } from 'node:stream';
import { TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { dateOption, flagOption, integerOption, modeOption, textOption } from '../../options/option.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { ProgressOptions } from '../request/progress.js';

/** The options of an upload. */
export interface UploadOptions extends CallOptions, ProgressOptions {
  /** Number of bytes that will be written; any other number fails with EBADMSG. Default: unknown. */
  size?: number | undefined;
  /** Modification time of the stored file. Default: the time of storing. */
  mtime?: Date | undefined;
  /**
   * Permission bits of the stored file, 0 to 0o777. Default: those of the file that it replaces, or those of a new file. A
   * storage without permission bits ignores them.
   */
  mode?: number | undefined;
  /** Replaces an existing file. Default true; false: an existing file fails with EEXIST. */
  overwrite?: boolean | undefined;
  /** The existing file must have this etag; otherwise the upload fails with ESTALE. */
  ifMatch?: string | undefined;
  /** Creates missing parent directories. They stay if the upload fails later. Default false: a missing one fails with ENOENT. */
  makeDirectories?: boolean | undefined;
  /** Whether the server flushes the file to disk before the request succeeds. Default: the setting of the server. */
  flush?: boolean | undefined;
}

/** The options of an append. */
export interface AppendOptions extends CallOptions {
  /** The file must have this etag; otherwise the append fails with ESTALE. Default: the version at its start. */
  ifMatch?: string | undefined;
  /** Whether the server flushes the file to disk before the request succeeds. Default: the setting of the server. */
  flush?: boolean | undefined;
}

/** The conditions of storing, as fields of the request. */
export type UploadConditions = Pick<
  RequestFields,
  'size' | 'mtime' | 'mode' | 'overwrite' | 'ifMatch' | 'append' | 'recursive' | 'flush'
>;

/** The names of {@link UploadOptions}. */
export const uploadOptionNames = [
  'size',
  'mtime',
  'mode',
  'overwrite',
  'ifMatch',
  'makeDirectories',
  'flush',
  'onProgress',
  ...callOptionNames,
];

/** The names of {@link AppendOptions}. */
export const appendOptionNames = ['ifMatch', 'flush', ...callOptionNames];

/** Throws a TypeError for a wrong option. */
export function uploadConditions(options: UploadOptions): UploadConditions {
  const { size, mtime, mode, overwrite, ifMatch, makeDirectories, flush } = options;
  return {
    size: size === undefined ? undefined : integerOption('size', size, { min: 0, default: 0 }),
    mtime: dateOption('mtime', mtime),
    mode: modeOption('mode', mode),
    overwrite: flagOption('overwrite', overwrite),
    ifMatch: textOption('ifMatch', ifMatch),
    recursive: flagOption('makeDirectories', makeDirectories) || undefined,
    flush: flagOption('flush', flush),
  };
}

/** A stored upload. */
export interface StoredUpload extends FileEntry {
  /** Verified checksum, e.g. `crc32:0a1b2c3d`; undefined with the checksum `'none'`. */
  readonly checksum: string | undefined;
}

/** What a result says is stored. Throws EPROTO, or EBADMSG if it is not what was sent. */
export function storedUpload(
  result: FrameOf<'result'>,
  { check, append }: { check: BodyChecksum; append: boolean | undefined },
): StoredUpload {
  const entry = parseEntry(result, 'file');
  check.compareAnswer({ bytes: result.bytes, checksum: result.checksum });
  if (append ? entry.size < check.bytes : entry.size !== check.bytes) {
    const reason = `The stored file has ${entry.size} bytes, but ${check.bytes} bytes were sent.`;
    throw new TransferError('EBADMSG', reason);
  }
  return { checksum: check.digest(), ...entry };
}

/**
 * A Writable of a file's bytes. A written buffer must not be changed. The upload continues after a lost connection, and
 * replaces an existing file only on `finish`. It fails with a {@link TransferError}, with `outcomeUnknown` if all bytes
 * were sent and a server that was restarted does not know whether it has stored them. A listener for `error` is optional if `completed` was taken from the stream.
 */
export interface UploadStream extends Writable {
  /**
   * The id under which the server knows the upload, for {@link FileClient.uploadStatus}: 32 hexadecimal digits. Undefined
   * for an upload that cannot be resumed.
   */
  readonly uploadId: string | undefined;
  /** The stored file; settles with `finish`. */
  readonly completed: Promise<StoredUpload>;
}
