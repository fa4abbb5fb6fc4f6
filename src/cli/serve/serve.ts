import { outputOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';
import { choice, flag, integer, list, parsed, text } from '../runner/option-spec.js';
import { parseBandwidth } from '../values/bandwidth.js';
import { parseDuration } from '../values/duration.js';
import { parseSize } from '../values/size.js';
import { parsePortRange } from './port-range.js';

/** More connections than a process can have open files are of no use. */
const MAX_COUNT = 1_000_000;

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'Serves a directory',
  details: [
    'Without --writable, clients can only read. Without --host, only programs on this machine can connect. Without --users, every client is let in',
    'The first Ctrl-C lets running requests finish, the second ends the server at once',
  ],
  arguments: [{ name: 'directory', summary: 'The directory; the current one by default', isRequired: false }],
  options: {
    host: text('address', 'Listens on this address; 0.0.0.0 and :: are all of the machine', {
      fallback: '127.0.0.1',
    }),
    port: integer('port', 'Listens on this port; 0 is a free one', {
      short: 'p',
      min: 0,
      max: 65_535,
      fallback: '2121, or a free one',
    }),
    socket: text('path', 'Listens on a Unix socket'),
    stdio: flag('Serves one client over standard input and output, such as for ssh'),
    writable: flag('Lets clients upload, change and delete files', { short: 'w', fallback: 'read-only' }),
    http: flag('Also serves web browsers, on the same port'),
    httpHost: list('name', 'Answers browsers only for this host, and on this machine; may be repeated'),
    users: text('file', 'Lets only the users of a JSON file in; see hash-password'),
    cert: text('file', 'Encrypts with the certificate chain of a PEM file'),
    key: text('file', 'Uses the key of that certificate, a PEM file'),
    clientCa: text('file', 'Requires client certificates of this authority, a PEM file'),
    allowUnencryptedCredentials: flag('Accepts passwords and tokens without TLS from other machines'),
    codec: choice(['auto', 'binary', 'text', 'json', 'xml'], 'Accepts only this codec', {
      fallback: 'auto: all',
    }),
    strategy: choice(['non-blocking', 'blocking'], 'Decides when requests run', { fallback: 'non-blocking' }),
    limit: parsed(
      'rate',
      'Limits bytes a second of all clients together: 10M, or 10M:1M for their uploads and downloads',
      {
        parse: parseBandwidth,
      },
    ),
    maxConnections: integer('number', 'Limits the open connections', {
      min: 1,
      max: MAX_COUNT,
      fallback: '10000',
    }),
    maxConnectionsPerAddress: integer('number', 'Limits those of one address', {
      min: 1,
      max: MAX_COUNT,
      fallback: '256',
    }),
    quota: parsed('size', 'Limits the bytes that are stored below the root', { parse: parseSize }),
    maxFileSize: parsed('size', 'Limits the size of an uploaded file', { parse: parseSize }),
    udp: flag('Offers UDP for large files'),
    udpPorts: parsed('from-to', 'Uses these UDP ports', { parse: parsePortRange, fallback: '49152-65535' }),
    grace: parsed('duration', 'Lets running requests finish within this time at the end', {
      parse: parseDuration,
      fallback: '5s',
    }),
    ...outputOptions,
  },
  examples: [
    {
      line: 'socket-ftp serve --host 0.0.0.0',
      does: 'Shares the current directory with the network, read-only',
    },
    {
      line: 'socket-ftp serve --http --host 0.0.0.0',
      does: 'The same, also for web browsers',
    },
    {
      line: 'socket-ftp serve files --writable --users users.json --host 0.0.0.0 --cert cert.pem --key key.pem',
      does: 'Lets users read and write, encrypted',
    },
    { line: 'socket-ftp serve files --stdio', does: 'Serves one client over standard input and output' },
  ],
  exitCodes: ['connection', 'permission', 'missing'],
});
