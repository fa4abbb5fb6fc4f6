import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const mkdirCommand = defineCommand({
  name: 'mkdir',
  summary: 'Creates directories on a server',
  arguments: [{ name: 'url', summary: 'The directories', isRequired: true, isVariadic: true }],
  options: {
    parents: flag('Creates missing parents, and takes a directory that exists for created', { short: 'p' }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp mkdir socket-ftp://localhost/inbox', does: 'Creates a directory' },
    {
      line: 'socket-ftp mkdir -p socket-ftp://localhost/a/b/c',
      does: 'Creates a directory with its parents',
    },
  ],
  exitCodes: [...connectionExits, 'partial', 'refused'],
});
