import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag } from '../runner/option-spec.js';

export const callCommand = defineCommand({
  name: 'call',
  summary: 'Calls a method that a server shares',
  details: [
    'Without a method, lists the methods that this user may call',
    'The output of the method is written as JSON',
  ],
  arguments: [
    { name: 'url', summary: 'The server', isRequired: true },
    { name: 'method', summary: 'The name of the method', isRequired: false },
    { name: 'value', summary: 'Its input as JSON; - reads it from standard input', isRequired: false },
  ],
  options: {
    idempotent: flag('Calls the method again if its answer was lost and the server no longer knows the call'),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp call socket-ftp://localhost', does: 'Lists the methods' },
    { line: `socket-ftp call socket-ftp://localhost search '{"text":"beach"}'`, does: 'Calls a method' },
  ],
  exitCodes: connectionExits,
});
