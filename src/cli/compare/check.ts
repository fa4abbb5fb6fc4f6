import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { text } from '../runner/option-spec.js';
import { comparisonOptions } from './comparison-options.js';

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'Compares two directories, and changes nothing',
  details: [
    'One of the two directories is a URL, the other is local. The lines say what the second one has, compared with the first one',
    'Without --checksum, files of equal size and time are equal',
  ],
  arguments: [
    { name: 'source', summary: 'The directory as it should be: a local path or a URL', isRequired: true },
    { name: 'target', summary: 'The directory that is compared with it', isRequired: true },
  ],
  options: {
    ...comparisonOptions,
    backup: text('directory', 'Leaves out this directory of the target, as sync --backup does'),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp check photos socket-ftp://localhost/photos', does: 'Compares by size and time' },
    {
      line: 'socket-ftp check --checksum photos socket-ftp://localhost/photos && rm -r photos',
      does: 'Removes a directory only if the server has the same',
    },
  ],
  exitCodes: [...connectionExits, 'partial', 'differences'],
});
