import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const lsCommand = defineCommand({
  name: 'ls',
  summary: 'Lists files and directories of a server',
  arguments: [
    {
      name: 'url',
      summary: 'The directories or files, also with * ? [a-z]',
      isRequired: true,
      isVariadic: true,
    },
  ],
  options: {
    long: flag('Shows permissions, size and time, too', { short: 'l' }),
    bytes: flag('Shows sizes in bytes', { short: 'b' }),
    recursive: flag('Lists all directories below, too', { short: 'r' }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp ls socket-ftp://localhost', does: 'Lists the root of a server on this machine' },
    {
      line: "socket-ftp ls -l 'socket-ftp://localhost/photos/*.jpg'",
      does: 'Lists the photos with sizes and times',
    },
  ],
  exitCodes: connectionExits,
});
