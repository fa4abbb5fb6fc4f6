import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const mvCommand = defineCommand({
  name: 'mv',
  summary: 'Renames or moves a file or directory on a server',
  details: ['The second URL is the path of the result, also if a directory with this path exists'],
  arguments: [
    { name: 'source', summary: 'The URL of the file or directory', isRequired: true },
    { name: 'target', summary: 'Its new URL, on the same server', isRequired: true },
  ],
  options: {
    replace: flag('Replaces a file that exists'),
    ...connectionOptions,
  },
  examples: [
    {
      line: 'socket-ftp mv socket-ftp://localhost/draft.txt socket-ftp://localhost/done/final.txt',
      does: 'Moves a file into another directory',
    },
  ],
  exitCodes: [...connectionExits, 'refused'],
});
