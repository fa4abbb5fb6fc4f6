import { connectionOptions, progressOptions } from '../connection/connection-options.js';
import { limitOptions } from '../limits/limit-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag, integer, text } from '../runner/option-spec.js';
import { comparisonOptions } from './comparison-options.js';

/** More files than a plan can have. */
const MAX_DELETE = Number.MAX_SAFE_INTEGER;

export const syncCommand = defineCommand({
  name: 'sync',
  summary: 'Makes a directory equal to another one',
  details: [
    'One of the two directories is a URL, the other is local. The first one is the source, and stays as it is',
    'Without --delete, what only the target has stays. With it, a plan that deletes more than half of the files is refused',
    'Files that were moved are moved in the target, too, and not sent again. The same command again does only the rest',
  ],
  arguments: [
    { name: 'source', summary: 'The directory that is read: a local path or a URL', isRequired: true },
    { name: 'target', summary: 'The directory that is changed: a URL or a local path', isRequired: true },
  ],
  options: {
    dryRun: flag('Changes nothing, and writes the plan', { short: 'n' }),
    plan: text(
      'file',
      'Carries out exactly the plan that --dry-run --json has written, or nothing if a side has changed',
    ),
    exitDiff: flag('Exits with 10 if --dry-run has found differences'),
    exitNothing: flag('Exits with 9 if there was nothing to do'),
    delete: flag('Deletes what only the target has, after everything else has succeeded'),
    maxDelete: integer('number', 'Lets --delete delete this number of files and directories', {
      min: 0,
      max: MAX_DELETE,
      fallback: '10, or half of the files of the target',
    }),
    newer: flag('Does not replace a file that is newer in the target'),
    backup: text('directory', 'Moves what is replaced or deleted into this directory of the target'),
    flush: flag('Waits until each file is on the disk'),
    ...comparisonOptions,
    ...limitOptions,
    ...progressOptions,
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp sync site socket-ftp://localhost/www', does: 'Uploads what is new or differs' },
    {
      line: 'socket-ftp sync --dry-run --delete site socket-ftp://localhost/www',
      does: 'Shows what a mirror would do',
    },
    {
      line: 'socket-ftp sync --delete socket-ftps://ann@example.org/photos photos',
      does: 'Mirrors a directory of a server',
    },
    {
      line: 'socket-ftp sync --dry-run --json site socket-ftp://localhost/www > plan',
      does: 'Writes a plan as data',
    },
    {
      line: 'socket-ftp sync --plan plan site socket-ftp://localhost/www',
      does: 'Carries exactly this plan out',
    },
  ],
  exitCodes: [
    ...connectionExits,
    'partial',
    'changed',
    'refused',
    'nothing',
    'differences',
    'limit',
    'checksum',
  ],
  isResumable: true,
});
