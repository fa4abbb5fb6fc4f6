import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag, integer } from '../runner/option-spec.js';

/** Deeper than any path of the protocol. */
const MAX_DEPTH = 10_000;

export const treeCommand = defineCommand({
  name: 'tree',
  summary: 'Shows a directory of a server and all below as a tree',
  arguments: [{ name: 'url', summary: 'The directory', isRequired: true }],
  options: {
    depth: integer('levels', 'Shows at most this number of levels', {
      short: 'L',
      min: 1,
      max: MAX_DEPTH,
      fallback: 'all',
    }),
    directories: flag('Shows directories only', { short: 'd' }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp tree socket-ftp://localhost', does: 'Shows everything on a server' },
    { line: 'socket-ftp tree -L 2 socket-ftp://localhost/photos', does: 'Shows two levels of a directory' },
  ],
  exitCodes: [...connectionExits, 'partial', 'limit'],
});
