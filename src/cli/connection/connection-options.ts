/** The options of every command with a connection. */
import { progressModes } from '../progress/start-progress.js';
import { choice, flag, parsed, text } from '../runner/option-spec.js';
import { parseDuration } from '../values/duration.js';

/** What all commands write, and how. */
export const outputOptions = {
  json: flag('Writes one JSON object a line to standard output'),
  quiet: flag('Writes errors only', { short: 'q' }),
  verbose: flag('Writes a line for each file or request', { short: 'v' }),
};

/** How a command reaches its server. */
export const connectionOptions = {
  exec: text('command', 'Starts a command, such as ssh, whose input and output is the server', {
    short: 'e',
  }),
  passwordFile: text('file', 'Reads the password from the first line of a file that only you can read', {
    fallback: 'SOCKET_FTP_PASSWORD, or asked for on a terminal',
  }),
  tokenFile: text('file', 'Reads a bearer token in the same way', { fallback: 'SOCKET_FTP_TOKEN' }),
  ca: text('file', 'Trusts the certificate authority of a PEM file, for socket-ftps://', {
    fallback: 'the authorities of Node.js',
    variable: 'SOCKET_FTP_CA',
  }),
  clientCert: text('file', 'Shows the certificate of a PEM file to the server'),
  clientKey: text('file', 'Uses the key of that certificate, a PEM file'),
  allowUnencryptedCredentials: flag('Sends a password or token without TLS to another machine'),
  codec: choice(['binary', 'text', 'json', 'xml'], 'Encodes the messages', { fallback: 'binary' }),
  transport: choice(['tcp', 'udp', 'auto'], 'Carries large files over UDP if the server offers it', {
    fallback: 'tcp',
  }),
  connectTimeout: parsed('duration', 'Limits the time to connect', { fallback: '10s', parse: parseDuration }),
  ...outputOptions,
};

/** How files are transferred. */
export const progressOptions = {
  progress: choice(progressModes, 'Shows the progress', { fallback: 'auto: only on a terminal' }),
};
