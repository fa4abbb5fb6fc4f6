/** The options of a {@link DirectoryStorage}: declared, defaulted and checked here. */
import { choiceOption, flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import {
  directoryWatchOptionNames,
  directoryWatchSettings,
  type DirectoryWatchOptions,
  type DirectoryWatchSettings,
} from './watching/options.js';

/** Options of a {@link DirectoryStorage}. */
export interface DirectoryStorageOptions extends DirectoryWatchOptions {
  /**
   * Whether a change is flushed to disk, file and directory, before it is reported as done. Without, a power failure may
   * undo the change, or leave a file without its bytes. Default `true`.
   */
  readonly flush?: boolean | undefined;
  /**
   * Milliseconds after its last byte for which a suspended upload can be resumed. An upload of another process that has
   * received no byte for this long is removed, too. Default: 86,400,000 (one day).
   */
  readonly suspendedExpiryMs?: number | undefined;
  /** Suspended uploads to keep; beyond it the oldest are removed. Default: 10,000. */
  readonly maxSuspendedUploads?: number | undefined;
  /**
   * Where system calls run. `'auto'`: short calls run synchronously while they return fast, if the root and all mounts
   * below it are local file systems (Linux only); other calls use Node's thread pool. `stat` and small files take a
   * fraction of the time, but a call blocks the process until it returns. `'threads'`: all calls use the thread pool.
   * Choose it for a process that must always react within milliseconds, for disks that sleep or are frozen for snapshots,
   * and for files that the machine also exports by NFS or Samba. Default: `'auto'`.
   */
  readonly fileCalls?: 'auto' | 'threads' | undefined;
}

const OPTION_NAMES = [
  'flush',
  'suspendedExpiryMs',
  'maxSuspendedUploads',
  'fileCalls',
  ...directoryWatchOptionNames,
];

const DEFAULT_EXPIRY_MS = 24 * 60 * 60 * 1000;

const DEFAULT_MAX_SUSPENDED_UPLOADS = 10_000;

export interface DirectoryStorageSettings {
  readonly durable: boolean;
  readonly expiryMs: number;
  readonly maxSuspendedUploads: number;
  readonly fileCalls: 'auto' | 'threads';
  readonly watching: DirectoryWatchSettings;
}

export function directoryStorageSettings(options: DirectoryStorageOptions): DirectoryStorageSettings {
  rejectUnknownOptions('DirectoryStorage', options, OPTION_NAMES);
  const expiryMs = integerOption('suspendedExpiryMs', options.suspendedExpiryMs, {
    min: 1,
    default: DEFAULT_EXPIRY_MS,
  });
  const maxSuspendedUploads = integerOption('maxSuspendedUploads', options.maxSuspendedUploads, {
    min: 0,
    default: DEFAULT_MAX_SUSPENDED_UPLOADS,
  });
  const calls = choiceOption('fileCalls', options.fileCalls, {
    choices: ['auto', 'threads'],
    default: 'auto',
  });
  return {
    durable: flagOption('flush', options.flush) ?? true,
    expiryMs,
    maxSuspendedUploads,
    fileCalls: calls,
    watching: directoryWatchSettings(options),
  };
}
