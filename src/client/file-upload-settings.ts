/** How a local file is uploaded. */
import { dateOption, flagOption, refuseUnknown, textOption } from '../protocol/option.js';
import type { RemotePath } from '../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from './abort.js';
import type { CallLimit } from './call-limit.js';
import { progressOption, type ProgressListener } from './progress.js';
import type { StoredUpload } from './upload-stream.js';

/** How to upload a local file. */
export interface UploadFileOptions extends CallOptions {
  /** The time of change that the file is to have; true: that of the local file; false: when it is stored. Default true. */
  mtime?: Date | number | boolean | undefined;
  /** Whether an existing file may be replaced; EEXIST otherwise. Default true. */
  overwrite?: boolean | undefined;
  /** Only if the existing file has this etag; ESTALE otherwise. */
  ifMatch?: string | undefined;
  /** Told how far it has come. */
  onProgress?: ProgressListener | undefined;
}

const OPTION_NAMES = ['mtime', 'overwrite', 'ifMatch', 'onProgress', ...callOptionNames];

export interface FileUploadSettings {
  readonly mtime: number | boolean | undefined;
  readonly overwrite: boolean;
  readonly ifMatch: string | undefined;
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
  readonly limit: CallLimit;
}

/** The options, checked. Throws a TypeError for what is wrong. */
export function uploadSettings(options: UploadFileOptions): FileUploadSettings {
  refuseUnknown('uploadFile', options, OPTION_NAMES);
  const { mtime = true, overwrite, ifMatch, onProgress } = options;
  return {
    mtime: typeof mtime === 'boolean' ? mtime : dateOption('mtime', mtime),
    overwrite: flagOption('overwrite', overwrite) ?? true,
    ifMatch: textOption('ifMatch', ifMatch),
    onProgress: onProgress === undefined ? undefined : progressOption(onProgress),
  };
}

/** The time of change that the stored file is to have, in milliseconds; undefined for when it is stored. */
export function mtimeFor({ mtime }: FileUploadSettings, sourceMs: number): number | undefined {
  if (mtime === true) return sourceMs;
  return mtime === false ? undefined : mtime;
}
