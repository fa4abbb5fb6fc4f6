import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const cpCommand = defineCommand({
  name: 'cp',
  summary: 'Copies a file or directory on a server',
  details: [
    'The server makes the copy: no bytes of the file are sent. The second URL is the path of the result',
  ],
  arguments: [
    { name: 'source', summary: 'The URL of the file or directory', isRequired: true },
    { name: 'target', summary: 'The URL of the copy, on the same server', isRequired: true },
  ],
  options: {
    recursive: flag('Copies a directory with everything in it', { short: 'r' }),
    replace: flag('Replaces files that exist'),
    ...connectionOptions,
  },
  examples: [
    {
      line: 'socket-ftp cp socket-ftp://localhost/a.txt socket-ftp://localhost/b.txt',
      does: 'Copies a file',
    },
    {
      line: 'socket-ftp cp -r socket-ftp://localhost/www socket-ftp://localhost/backup',
      does: 'Copies a directory',
    },
  ],
  exitCodes: [...connectionExits, 'partial', 'refused'],
});
