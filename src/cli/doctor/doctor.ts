import { connectionOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { connectionExits } from '../runner/exit-codes.js';
import { flag, parsed } from '../runner/option-spec.js';
import { usageError } from '../runner/usage-error.js';
import { parseSize } from '../values/size.js';

/** The test file is made in memory. */
const MAX_TEST_BYTES = 256 * 1024 * 1024;

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Finds out why a connection does not work, or how well it does',
  details: [
    'Looks at the name, the port, the program behind it, TLS, the login, permissions, clocks, rates and UDP, and gives a hint for what fails',
    'Writes a test file into the directory of the URL, and removes it. With --read-only it writes nothing, and measures no rate',
  ],
  arguments: [{ name: 'url', summary: 'The server, or a directory of it', isRequired: true }],
  options: {
    readOnly: flag('Writes no test file', { short: 'r' }),
    size: parsed('size', 'Writes a test file of this size, at most 256M', {
      parse: parseTestSize,
      fallback: '4M',
    }),
    ...connectionOptions,
  },
  examples: [
    { line: 'socket-ftp doctor socket-ftps://ann@example.org', does: 'Checks everything' },
    {
      line: 'socket-ftp doctor --read-only socket-ftp://example.org:2121/photos',
      does: 'Checks all but rates, and changes nothing',
    },
  ],
  exitCodes: connectionExits,
});

function parseTestSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= 1 && bytes <= MAX_TEST_BYTES) return bytes;
  throw usageError(`The test file can have 1 byte to 256M, not ${text}.`);
}
