/** The options of a download into a local file. */
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { progressOption, type ProgressOptions } from '../request/progress.js';

/** Options of `downloadFile`. */
export interface DownloadFileOptions extends CallOptions, ProgressOptions {
  /** Replaces an existing local file. Default true; false: an existing file fails with EEXIST. */
  overwrite?: boolean | undefined;
  /** Gives the local file the modification time of the remote one. Default true; false: the time of the download. */
  preserveTimestamps?: boolean | undefined;
  /** Gives the local file the permission bits of the remote one. Default false: those of the file that it replaces, or of a new file. */
  preserveMode?: boolean | undefined;
  /** Whether the local file and its name must be on the disk before the call resolves. Default true. */
  flush?: boolean | undefined;
  /**
   * Connections to the server for a file of 8 MiB or more, 1 to 16: that of the client, and further ones with the same options,
   * which are closed afterwards. Fewer if the server refuses them. Default 1.
   */
  connections?: number | undefined;
}

/** More make a link no faster, and take the places of other clients. */
const MAX_CONNECTIONS = 16;

const OPTION_NAMES = [
  'overwrite',
  'preserveTimestamps',
  'preserveMode',
  'flush',
  'connections',
  'onProgress',
  ...callOptionNames,
];

export type DownloadFileSettings = ReturnType<typeof downloadSettings>;

/** Throws a TypeError for a wrong option. */
export function downloadSettings(options: DownloadFileOptions) {
  rejectUnknownOptions('downloadFile', options, OPTION_NAMES);
  const { overwrite, preserveTimestamps, preserveMode, flush, connections, onProgress } = options;
  return {
    overwrite: flagOption('overwrite', overwrite) ?? true,
    preserveTimestamps: flagOption('preserveTimestamps', preserveTimestamps) ?? true,
    preserveMode: flagOption('preserveMode', preserveMode) ?? false,
    flush: flagOption('flush', flush) ?? true,
    connections: integerOption('connections', connections, { min: 1, max: MAX_CONNECTIONS, default: 1 }),
    onProgress: progressOption(onProgress),
  };
}
