/** How a directory storage watches: declared, defaulted and checked here. */
import { integerOption, timeOption } from '../../../options/option.js';

/** Options of a {@link DirectoryStorage} for watches. */
export interface DirectoryWatchOptions {
  /**
   * Milliseconds between two complete comparisons of a watched directory with what was told: the system may lose events of
   * changes, and some file systems have none. Default 60,000.
   */
  readonly watchRescanMs?: number | undefined;
  /**
   * Entries that one watched directory may have; beyond it the watch fails with EMFILE. A further watch fails with EAGAIN if all
   * would have more than twice as many. Default 200,000.
   */
  readonly maxWatchedEntries?: number | undefined;
}

/** The names of {@link DirectoryWatchOptions}. */
export const directoryWatchOptionNames = ['watchRescanMs', 'maxWatchedEntries'];

/** The options with their defaults. */
export interface DirectoryWatchSettings {
  readonly rescanMs: number;
  readonly maxEntries: number;
}

const DEFAULT_RESCAN_MS = 60_000;

/** About 1 KB of memory each. */
const DEFAULT_MAX_ENTRIES = 200_000;

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function directoryWatchSettings(options: DirectoryWatchOptions): DirectoryWatchSettings {
  return {
    rescanMs: timeOption('watchRescanMs', options.watchRescanMs, DEFAULT_RESCAN_MS),
    maxEntries: integerOption('maxWatchedEntries', options.maxWatchedEntries, {
      min: 1,
      default: DEFAULT_MAX_ENTRIES,
    }),
  };
}
