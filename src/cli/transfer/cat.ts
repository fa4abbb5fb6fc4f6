import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { integer } from '../runner/option-spec.js';

export const catCommand = defineCommand({
  name: 'cat',
  summary: 'Writes files of a server to standard output',
  details: [
    'The bytes are written before the whole file has been verified: an exit code other than 0 means that they are incomplete or damaged',
  ],
  arguments: [{ name: 'url', summary: 'The files, also with * ? [a-z]', isRequired: true, isVariadic: true }],
  options: {
    offset: integer('bytes', 'Begins at this byte', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: '0' }),
    length: integer('bytes', 'Writes at most this number of bytes of each file', {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      fallback: 'the rest',
    }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp cat socket-ftp://localhost/log.txt | grep error', does: 'Searches a file' },
    { line: 'socket-ftp cat --length 100 socket-ftp://localhost/log.txt', does: 'Shows the first 100 bytes' },
  ],
  exitCodes: [...connectionExits, 'changed', 'checksum'],
});
