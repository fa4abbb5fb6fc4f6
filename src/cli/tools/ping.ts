import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { integer, parsed } from '../runner/option-spec.js';
import { parseDuration } from '../values/duration.js';

/** More than a day of pings. */
const MAX_PINGS = 1_000_000;

export const pingCommand = defineCommand({
  name: 'ping',
  summary: 'Measures the round trip to a server',
  details: ['The server itself answers, so the time includes that of its event loop'],
  arguments: [{ name: 'url', summary: 'The server', isRequired: true }],
  options: {
    count: integer('number', 'Pings this number of times', {
      short: 'n',
      min: 1,
      max: MAX_PINGS,
      fallback: '4',
    }),
    interval: parsed('duration', 'Waits between two pings', { fallback: '1s', parse: parseDuration }),
    ...connectionOptions,
  },
  examples: [{ line: 'socket-ftp ping socket-ftp://localhost', does: 'Pings four times' }],
  exitCodes: connectionExits,
});
