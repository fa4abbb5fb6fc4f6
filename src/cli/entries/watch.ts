import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag, integer } from '../runner/option-spec.js';

/** More lines than a watch ever writes. */
const MAX_EVENTS = Number.MAX_SAFE_INTEGER;

export const watchCommand = defineCommand({
  name: 'watch',
  summary: 'Writes a line for each change in a directory of a server',
  details: [
    'The lines begin with + for a new entry, ~ for a changed file, - for a removed entry and > for a renamed one',
    'The watch lasts until Ctrl-C, also while the connection is lost: what has changed meanwhile follows',
  ],
  arguments: [{ name: 'url', summary: 'The directory', isRequired: true }],
  options: {
    recursive: flag('Watches all directories below, too', { short: 'r' }),
    snapshot: flag('Begins with what exists, as lines with ='),
    count: integer('number', 'Ends after this number of changes', {
      short: 'n',
      min: 1,
      max: MAX_EVENTS,
      fallback: 'no limit',
    }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp watch -r socket-ftp://localhost/inbox', does: 'Shows what arrives in a directory' },
    {
      line: 'socket-ftp watch --count 1 socket-ftp://localhost/inbox && make',
      does: 'Waits for the next change',
    },
  ],
  exitCodes: [...connectionExits, 'limit'],
});
