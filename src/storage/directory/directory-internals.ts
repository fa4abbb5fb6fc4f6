import type { FileCalls } from './calls/file-calls.js';
import type { Walking } from './walk/path-resolver.js';
import type { SystemWatch } from './watching/system-watch.js';

/**
 * Replacements for the system, for tests.
 *
 * @internal
 */
export interface DirectoryInternals {
  readonly calls?: FileCalls | undefined;
  readonly walking?: Walking | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  readonly systemWatch?: SystemWatch | undefined;
}
