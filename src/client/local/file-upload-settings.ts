/** How a local file is uploaded. */
import { dateOption, rejectUnknownOptions } from '../../options/option.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { AbortScope } from '../request/abort-scope.js';
import type { LocalVersion } from './local-version.js';
import { progressOption, type ProgressListener } from './progress.js';
import { uploadConditions, type StoredUpload, type UploadConditions } from '../streams/upload-stream.js';

/** How to upload a local file. */
export interface UploadFileOptions extends CallOptions {
  /** The time of change that the file is to have; true: that of the local file; false: when it is stored. Default true. */
  mtime?: Date | number | boolean | undefined;
  /** Whether an existing file may be replaced; EEXIST otherwise. Default true. */
  overwrite?: boolean | undefined;
  /** Only if the existing file has this etag; ESTALE otherwise. */
  ifMatch?: string | undefined;
  /** Whether the server flushes the file to disk before the request succeeds. Default: the setting of the server. */
  flush?: boolean | undefined;
  /** Told how far it has come. */
  onProgress?: ProgressListener | undefined;
}

const OPTION_NAMES = ['mtime', 'overwrite', 'ifMatch', 'flush', 'onProgress', ...callOptionNames];

export interface FileUploadSettings {
  readonly conditions: UploadConditions;
  /** Whether the stored file gets the local file's time of change. */
  readonly isTimeKept: boolean;
  readonly onProgress: ProgressListener | undefined;
}

/** A local file that was stored. */
export interface UploadedFile extends StoredUpload {
  /** Bytes that the server had of an earlier call, and that did not have to be sent once more. */
  readonly resumedFrom: number;
}

/** Where to, how, and how long. */
export interface FileUploadPlan {
  readonly path: RemotePath;
  readonly settings: FileUploadSettings;
  readonly limit: AbortScope;
}

/** The options, checked. Throws a TypeError for what is wrong. */
export function uploadSettings(options: UploadFileOptions): FileUploadSettings {
  rejectUnknownOptions('uploadFile', options, OPTION_NAMES);
  const { mtime = true, overwrite = true, ifMatch, flush, onProgress } = options;
  const time = typeof mtime === 'boolean' ? undefined : mtime;
  return {
    conditions: uploadConditions({ mtime: time, overwrite, ifMatch, flush }),
    isTimeKept: mtime === true,
    onProgress: onProgress === undefined ? undefined : progressOption(onProgress),
  };
}

/** The conditions under which a version of a local file is stored. */
export function conditionsFor(
  { conditions, isTimeKept }: FileUploadSettings,
  { size, mtimeMs }: LocalVersion,
): UploadConditions {
  return { ...conditions, size, mtime: isTimeKept ? dateOption('mtime', mtimeMs) : conditions.mtime };
}
