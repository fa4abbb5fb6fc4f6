/** The options of `get` and `put`. */
import { connectionOptions, progressOptions } from '../connection/connection-options.js';
import { choice, flag, list, text } from '../runner/option-spec.js';
import { existingRules } from './files/existing-rule.js';

export const transferOptions = {
  existing: choice(existingRules, 'Decides what happens to a target that exists and differs'),
  fresh: flag('Starts over: does not continue an unfinished transfer, and sends files that are equal'),
  parents: flag('Creates the missing parent directories of the target'),
  filesFrom: text(
    'file',
    'Transfers the files that a file names, one a line, below the source; - is standard input',
  ),
  from0: flag('The names of --files-from end with a zero byte, not a line'),
  ignore: list('pattern', 'Leaves out what a line of a .gitignore would match, in directories; repeatable'),
  encodeNames: flag('Encodes names that the other side cannot hold, and decodes them on the way back'),
  exitNothing: flag('Exits with 9 if there was nothing to do'),
  ...progressOptions,
  ...connectionOptions,
};
