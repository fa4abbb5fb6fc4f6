/** The options of an upload of a local file. */
import { flagOption, rejectUnknownOptions } from '../../options/option.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { AbortScope } from '../request/abort-scope.js';
import type { LocalVersion, OpenRules } from './local-source.js';
import { progressOption, type ProgressListener, type ProgressOptions } from '../request/progress.js';
import { uploadConditions, type StoredUpload, type UploadConditions } from '../streams/upload-stream.js';

/** Options of `uploadFile`. */
export interface UploadFileOptions extends CallOptions, ProgressOptions {
  /** Gives the stored file the modification time of the local one. Default true; false: the time of storing. */
  preserveTimestamps?: boolean | undefined;
  /** Modification time of the stored file, instead of the local file's. */
  mtime?: Date | undefined;
  /** Permission bits of the stored file, 0 to 0o777. Default: those of the file that it replaces, or those of a new file. */
  mode?: number | undefined;
  /** Gives the stored file the permission bits of the local one, unless `mode` is given. Default false. */
  preserveMode?: boolean | undefined;
  /** Replaces an existing file. Default true; false: an existing file fails with EEXIST. */
  overwrite?: boolean | undefined;
  /** The existing file must have this etag; otherwise the upload fails with ESTALE. */
  ifMatch?: string | undefined;
  /** Creates missing parent directories. They stay if the upload fails later. Default false: a missing one fails with ENOENT. */
  makeDirectories?: boolean | undefined;
  /** Whether the server flushes the file to disk before the request succeeds. Default: the setting of the server. */
  flush?: boolean | undefined;
}

const OPTION_NAMES = [
  'preserveTimestamps',
  'mtime',
  'mode',
  'preserveMode',
  'overwrite',
  'ifMatch',
  'makeDirectories',
  'flush',
  'onProgress',
  ...callOptionNames,
];

export interface FileUploadSettings {
  readonly conditions: UploadConditions;
  /** Whether the stored file gets the local file's modification time. */
  readonly preservesTimestamps: boolean;
  /** Whether the stored file gets the local file's permission bits. */
  readonly preservesMode: boolean;
  readonly onProgress: ProgressListener | undefined;
}

/** A stored local file. */
export interface UploadedFile extends StoredUpload {
  /** Bytes of an earlier call that were not sent again. */
  readonly resumedFrom: number;
}

export interface FileUploadPlan extends OpenRules {
  readonly path: RemotePath;
  readonly settings: FileUploadSettings;
  readonly scope: Pick<AbortScope, 'signal' | 'throwIfAborted'>;
  /** Called with the version of the file before it is sent. What it throws fails the upload. */
  readonly onVersion?: ((version: LocalVersion) => void) | undefined;
  /** Called with the bytes that the server has acknowledged so far. */
  readonly onAcknowledged?: ((bytes: number) => void) | undefined;
}

/** Throws a TypeError for a wrong option. */
export function uploadSettings(options: UploadFileOptions): FileUploadSettings {
  rejectUnknownOptions('uploadFile', options, OPTION_NAMES);
  const { preserveTimestamps, preserveMode, onProgress, ...conditions } = options;
  const { mtime, mode, overwrite = true, ifMatch, makeDirectories, flush } = conditions;
  return {
    conditions: uploadConditions({ mtime, mode, overwrite, ifMatch, makeDirectories, flush }),
    preservesTimestamps:
      (flagOption('preserveTimestamps', preserveTimestamps) ?? true) && mtime === undefined,
    preservesMode: (flagOption('preserveMode', preserveMode) ?? false) && mode === undefined,
    onProgress: progressOption(onProgress),
  };
}

/** The conditions under which a version of a local file is stored. */
export function conditionsFor(
  { conditions, preservesTimestamps, preservesMode }: FileUploadSettings,
  { size, mtime, mode }: LocalVersion,
): UploadConditions {
  return {
    ...conditions,
    size,
    mtime: preservesTimestamps ? mtime.getTime() : conditions.mtime,
    mode: preservesMode ? mode : conditions.mode,
  };
}
