import { outputOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { flag } from '../runner/option-spec.js';

export const hashPasswordCommand = defineCommand({
  name: 'hash-password',
  summary: 'Makes the hash of a password or token, for the file of users',
  details: [
    'The password is asked for on a terminal, or is the first line of standard input',
    'The hash is what serve --users and staticUsers() of the library take',
  ],
  arguments: [],
  options: {
    token: flag('Hashes a bearer token of at least 16 characters, not a password'),
    strong: flag('Makes a password cost eight times the work to check, as OWASP recommends'),
    ...outputOptions,
  },
  examples: [
    { line: 'socket-ftp hash-password', does: 'Asks for a password twice' },
    {
      line: '(umask 077; openssl rand -hex 32 | tee token.txt) | socket-ftp hash-password --token',
      does: 'Makes a token and its hash',
    },
  ],
  exitCodes: [],
});
