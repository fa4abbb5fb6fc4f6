import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const rmCommand = defineCommand({
  name: 'rm',
  summary: 'Removes files and directories of a server',
  details: ['Without --recursive, only a directory that is empty is removed. The root is never removed'],
  arguments: [
    { name: 'url', summary: 'What to remove, also with * ? [a-z]', isRequired: true, isVariadic: true },
  ],
  options: {
    recursive: flag('Removes directories with everything in them', { short: 'r' }),
    force: flag('Takes what does not exist for removed', { short: 'f' }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp rm socket-ftp://localhost/old.txt', does: 'Removes a file' },
    {
      line: "socket-ftp rm -r 'socket-ftp://localhost/logs/2024-*'",
      does: 'Removes all directories that match',
    },
  ],
  exitCodes: [...connectionExits, 'partial', 'refused'],
});
