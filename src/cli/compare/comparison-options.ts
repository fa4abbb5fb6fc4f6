/** The options of `sync` and `check` that decide which files are compared, and how. */
import { choice, flag, list, parsed } from '../runner/option-spec.js';
import { usageError } from '../runner/usage-error.js';
import { parseDuration } from '../values/duration.js';

/** The word for a side that keeps no times. */
const NO_TIMES = 'none';

export const comparisonOptions = {
  checksum: flag('Compares files of equal size by SHA-256, not by time', { short: 'c' }),
  ignore: list('pattern', 'Leaves out what a line of a .gitignore would match; repeatable'),
  ignoreFile: list('file', 'Leaves out what the lines of a file match, as those of a .gitignore; repeatable'),
  links: choice(['skip', 'follow'], 'Decides about symbolic links of a local source', { fallback: 'skip' }),
  encodeNames: flag('Encodes names that the other side cannot hold, and decodes them on the way back'),
  modifyWindow: parsed('duration', 'Takes times that differ by less for equal; none ignores times', {
    fallback: '1ms',
    parse: parseWindow,
  }),
};

/** `null` compares by content only. */
function parseWindow(text: string): number | null {
  if (text === NO_TIMES) return null;
  try {
    return parseDuration(text);
  } catch {
    throw usageError(`'${text}' is neither a duration such as 2s nor ${NO_TIMES}.`);
  }
}
