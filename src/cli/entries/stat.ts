import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const statCommand = defineCommand({
  name: 'stat',
  summary: 'Shows all that a server tells of files and directories',
  arguments: [
    {
      name: 'url',
      summary: 'The files or directories, also with * ? [a-z]',
      isRequired: true,
      isVariadic: true,
    },
  ],
  options: {
    checksum: flag('Shows the SHA-256 of files, too, which the server computes', { short: 'c' }),
    ...connectionOptions,
  },
  examples: [
    {
      line: 'socket-ftp stat socket-ftp://localhost/film.mp4',
      does: 'Shows size, time, permissions and etag',
    },
    { line: 'socket-ftp stat -c socket-ftp://localhost/film.mp4', does: 'Shows its SHA-256, too' },
  ],
  exitCodes: connectionExits,
});
