/** The options of the library for `serve`. */
import { readFile, stat } from 'node:fs/promises';
import type { TlsOptions } from 'node:tls';
import type { FileServerOptions, Storage } from '../../index.js';
import { loadLibrary, type Library } from '../library.js';
import type { InputOfCommand } from '../runner/command.js';
import { ExitError } from '../runner/exit-error.js';
import { usageError } from '../runner/usage-error.js';
import type { serveCommand } from './serve.js';
import { readUsersFile, type UserTable } from './users-file.js';

export type ServeValues = InputOfCommand<typeof serveCommand>['options'];

/** What a server is made of. */
export interface ServerParts {
  readonly options: FileServerOptions;
  /** A storage that the server does not close. */
  readonly storage: Storage | undefined;
  readonly users: UserTable | undefined;
}

/** Reads the files that options name. Throws if they, or the directory, cannot be served. */
export async function serverOptions(directory: string, values: ServeValues): Promise<ServerParts> {
  await requireDirectory(directory);
  const library = await loadLibrary();
  const users = values.users === undefined ? undefined : await readUsersFile(values.users);
  const storage = values.writable ? undefined : library.readOnly(new library.DirectoryStorage(directory));
  const { strategy, codec, limit, maxConnections, maxConnectionsPerAddress, quota, maxFileSize } = values;
  const options: FileServerOptions = {
    ...(storage ? { storage } : { root: directory }),
    authenticate: users && authenticateBy(library, users, values.users ?? ''),
    allowUnencryptedCredentials: values.allowUnencryptedCredentials,
    tls: await tlsOf(values),
    codec,
    strategy,
    bandwidth: limit,
    limits: { maxConnections, maxConnectionsPerAddress },
    quota:
      quota === undefined && maxFileSize === undefined ? undefined : { bytes: quota, fileBytes: maxFileSize },
    udp: udpOf(values),
    http: httpOf(values),
  };
  return { options, storage, users };
}

async function requireDirectory(directory: string): Promise<void> {
  const stats = await stat(directory);
  if (!stats.isDirectory())
    throw new ExitError('missing', `${directory} is not a directory.`, { code: 'ENOTDIR' });
}

function authenticateBy(library: Library, users: UserTable, path: string): FileServerOptions['authenticate'] {
  try {
    return library.staticUsers(users);
  } catch (error) {
    if (error instanceof TypeError) throw usageError(`The file of users ${path} is wrong: ${error.message}`);
    throw error;
  }
}

async function tlsOf({ cert, key, clientCa }: ServeValues): Promise<TlsOptions | undefined> {
  if ((cert === undefined) !== (key === undefined)) throw usageError('--cert and --key belong together.');
  if (cert === undefined || key === undefined) {
    if (clientCa !== undefined) throw usageError('--client-ca needs --cert and --key.');
    return undefined;
  }
  const pair = { cert: await readFile(cert), key: await readFile(key) };
  return clientCa === undefined ? pair : { ...pair, ca: await readFile(clientCa), requestCert: true };
}

function udpOf({ udp, udpPorts }: ServeValues): FileServerOptions['udp'] {
  if (udpPorts !== undefined && !udp) throw usageError('--udp-ports needs --udp.');
  return udpPorts === undefined ? udp : { ports: udpPorts };
}

function httpOf({ http, httpHost = [], stdio }: ServeValues): FileServerOptions['http'] {
  if (httpHost.length > 0 && !http) throw usageError('--http-host needs --http.');
  const wrong = httpHost.find((host) => !/^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(host));
  if (wrong !== undefined)
    throw usageError(`--http-host takes a host name without scheme and port, not '${wrong}'.`);
  if (http && stdio) throw usageError('Browsers cannot connect to --stdio: leave out --http.');
  return httpHost.length > 0 ? { hosts: httpHost } : http;
}
