/**
 * The URLs of servers and of their files:
 *
 *     socket-ftp://user@host:2121/path        TCP
 *     socket-ftps://user@host:2121/path       TCP with TLS
 *     socket-ftp+unix:///run/x.sock:/path     a Unix socket
 *     socket-ftp:///path                      the server behind `--exec`
 *
 * Everything behind the host is the path: `?` and `#` do not end it. `%20` stands for a byte. The parser does not use
 * `URL`, which removes `..` and may change the case of a host, and takes `?` for the begin of a query.
 */
import { usageError } from '../runner/usage-error.js';
import { hasWildcards, withoutWildcards } from './wildcards.js';

const SCHEMES = ['socket-ftp', 'socket-ftps', 'socket-ftp+unix'] as const;

/** A server, and a file or directory there. */
export interface RemoteUrl {
  readonly scheme: (typeof SCHEMES)[number];
  readonly user: string | undefined;
  /** `''` for the server behind `--exec`. */
  readonly host: string;
  readonly port: number | undefined;
  readonly socketPath: string | undefined;
  /** The path without the first `/`; `''` is the root. With wildcards, still encoded. */
  readonly path: string;
  /** Whether the path contains `*`, `?` or `[`. */
  readonly isPattern: boolean;
}

const MAX_PORT = 65_535;
const AUTHORITY = /^(?:([^/]*)@)?(\[[^\]/]*\]|[^:/]*)(?::(\d*))?(\/.*)?$/s;
const UNIX = /^(?:([^/]*)@)?(\/[^:]*)(?::(\/.*)?)?$/s;

/** Whether an argument is a URL of any kind. Everything else is a local path, also `host:path`. */
export function isRemoteUrl(argument: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(argument);
}

/** Parses a URL. Throws a UsageError, which never contains a password. */
export function parseRemoteUrl(argument: string): RemoteUrl {
  const [, given = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(argument) ?? [];
  const scheme = SCHEMES.find((known) => known === given.toLowerCase());
  if (scheme === undefined) throw notUrl(argument, given);
  rejectPassword(rest);
  return scheme === 'socket-ftp+unix' ? parseUnix(rest) : parseTcp(scheme, rest);
}

/** A URL as it is shown and copied. */
export function formatRemoteUrl(url: RemoteUrl): string {
  const user = url.user === undefined ? '' : `${encodeURIComponent(url.user)}@`;
  const path = url.isPattern ? url.path : encodePath(url.path);
  if (url.socketPath !== undefined) return `${url.scheme}://${user}${encodePath(url.socketPath)}:/${path}`;
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  return `${url.scheme}://${user}${host}${url.port === undefined ? '' : `:${url.port}`}/${path}`;
}

/** The same server, another path. */
export function atPath(url: RemoteUrl, path: string): RemoteUrl {
  return { ...url, path, isPattern: false };
}

/** Whether two URLs have the same server and user. */
export function isSameServer(one: RemoteUrl, other: RemoteUrl): boolean {
  return formatRemoteUrl(atPath(one, '')) === formatRemoteUrl(atPath(other, ''));
}

function parseTcp(scheme: RemoteUrl['scheme'], rest: string): RemoteUrl {
  const [, user, host = '', port, path = ''] = AUTHORITY.exec(rest) ?? [];
  if (!AUTHORITY.test(rest)) throw usageError(`The URL must be ${scheme}://host:port/path.`);
  const name = host.replace(/^\[(.*)\]$/, '$1');
  if (/[\s?#@\\%]/.test(name)) throw usageError('The URL contains a host with characters that no host has.');
  return {
    scheme,
    user: parseUser(user),
    host: name,
    port: parsePort(port),
    socketPath: undefined,
    ...parsePath(path),
  };
}

function parseUnix(rest: string): RemoteUrl {
  const [, user, socket = '', path = ''] = UNIX.exec(rest) ?? [];
  if (socket === '') {
    throw usageError('The URL must be socket-ftp+unix:///path/of/socket:/path, with three slashes.');
  }
  const socketPath = decode(socket);
  const scheme = 'socket-ftp+unix' as const;
  return { scheme, user: parseUser(user), host: '', port: undefined, socketPath, ...parsePath(path) };
}

function parsePath(text: string): Pick<RemoteUrl, 'path' | 'isPattern'> {
  const path = text.replace(/^\//, '').replace(/\/$/, '');
  if (hasWildcards(path)) return { path, isPattern: true };
  return { path: withoutWildcards(path), isPattern: false };
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (port >= 1 && port <= MAX_PORT) return port;
  throw usageError(`The port in the URL must be from 1 to ${MAX_PORT}, not ${text}.`);
}

function parseUser(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text === '') throw usageError('The user in the URL is empty. Is a shell variable unset?');
  return decode(text);
}

/** Other users can read the arguments of a process, and shells write them into their history. */
function rejectPassword(rest: string): void {
  if (!/^[^/]*:[^/]*@/.test(rest)) return;
  throw usageError(
    'A URL must not contain a password: other users can read the arguments of a process. ' +
      'Set SOCKET_FTP_PASSWORD, use --password-file, or leave it out to be asked for it.',
  );
}

function notUrl(argument: string, scheme: string): Error {
  const form = 'socket-ftp://host:port/path';
  if (scheme !== '') return usageError(`The URL begins with ${scheme}://. Write ${form}.`);
  // host:path as of scp, or host:port/path.
  const [, host = '', port = '', path = ''] =
    /^([\w.-]+)(?::(\d{1,5})(?=\/|$)|:)\/?([\w./-]*)$/.exec(argument) ?? [];
  const hint = host === '' ? ` Write ${form}.` : ` Write socket-ftp://${host}${port && `:${port}`}/${path}.`;
  return usageError(`'${argument.includes('@') ? '...' : argument}' is no URL.${hint}`);
}

function decode(text: string): string {
  return withoutWildcards(text);
}

function encodePath(path: string): string {
  return path.replaceAll(/[^\w/.,:=@~+!$&()-]/gu, (character) => percent(character));
}

function percent(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
