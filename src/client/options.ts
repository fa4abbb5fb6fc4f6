/** The options of a client: declared, defaulted and checked here, once. Only this file names concrete codecs. */
import type { ConnectionOptions } from 'node:tls';
import { codecOf, type CodecName } from '../codecs/builtin.js';
import type { Codec } from '../codecs/codec.js';
import { checksumAlgorithms, type ChecksumAlgorithm } from '../protocol/checksum.js';
import * as limits from '../protocol/limits.js';
import {
  choiceOption,
  flagOption,
  integerOption,
  rejectUnknownOptions,
  textOption,
  timeOption,
} from '../options/option.js';
import type { KeepAliveSettings } from '../session/keep-alive/keep-alive-negotiation.js';
import {
  keepAliveSettings,
  sessionLimitNames,
  sessionSettings,
  type SessionLimits,
  type KeepAliveOptions,
} from '../session/options.js';
import type { SentCredentials, SessionSettings } from '../session/settings.js';
import type { BackoffSettings } from './connection/backoff.js';
import { connectTcp, connectTls, type Connect } from './connection/connect.js';

/** How long a client waits, in milliseconds. */
export interface ClientTimeouts {
  /** For a connection and the server's welcome. Default 10,000. */
  connectMs?: number | undefined;
  /** For a transfer's next byte while it is the server's turn, and for any of what is sent to go out. Default 60,000. */
  stallMs?: number | undefined;
  /** For the answer to a request, before and after the bytes of a transfer. Default 300,000. */
  responseMs?: number | undefined;
  /** For the next request, on demand: then the connection is closed. Default 10,000. */
  idleMs?: number | undefined;
}

/** How a client comes back after it has lost its server. What was asked goes on meanwhile. */
export interface ReconnectOptions {
  /** Connections that are tried without any progress in between, 0 to 1,000,000. Default 20. */
  maxAttempts?: number | undefined;
  /** Milliseconds without any progress. Default 60,000. */
  maxElapsedMs?: number | undefined;
  /** Milliseconds up to which the first wait is long; the bound doubles with each. Default 100. */
  minDelayMs?: number | undefined;
  /** Milliseconds up to which any wait is long. Default 10,000. */
  maxDelayMs?: number | undefined;
  /** Whether to try on, too, when the server was never reached. Default false: a wrong port shows at once. */
  waitOnFirstConnect?: boolean | undefined;
}

/** How long a client keeps its connection. */
export type ConnectionMode = 'persistent' | 'on-demand';

/** The options of {@link FileClient}. */
export interface FileClientOptions {
  /** The server's host. Default 127.0.0.1. */
  host?: string | undefined;
  /** The server's port. Default 2121. */
  port?: number | undefined;
  /** The path of the server's Unix socket, instead of host and port. */
  socketPath?: string | undefined;
  /**
   * Encrypts the connection by TLS: true, or the options of `tls.connect` but for where to connect to, such as `ca`, and
   * `key` and `cert` for a server that asks for a certificate. Default: no encryption.
   */
  tls?: boolean | ConnectionOptions | undefined;
  /** Makes the connection instead: any Duplex of bytes. Called whenever one is needed. */
  connect?: Connect | undefined;
  /** The notation. The server must know it; by default a server knows the four that have names. Default `'binary'`. */
  codec?: CodecName | Codec | undefined;
  /** Who the client is, for a server that asks. */
  user?: string | undefined;
  /** What proves it. Sent only where nobody else can read it: over TLS, a Unix socket, loopback, or a `connect` of yours. */
  password?: string | undefined;
  /** What proves it, instead: a secret of which whoever has it is let in. Sent as a password is. */
  token?: string | undefined;
  /** Whether to send password and token also where others can read them. Default false: EAUTH. */
  allowUnencryptedCredentials?: boolean | undefined;
  /** The checksum of transfers. Default `'crc32'`. */
  checksum?: ChecksumAlgorithm | undefined;
  /**
   * `'persistent'`: from the first request on the connection is kept, and made anew when it is lost.
   * `'on-demand'`: it is closed when it has not been needed for a while. Default `'persistent'`.
   */
  connection?: ConnectionMode | undefined;
  /** How to come back after a connection is lost; false: not at all, and what was asked fails. */
  reconnect?: ReconnectOptions | false | undefined;
  keepAlive?: KeepAliveOptions | undefined;
  timeouts?: ClientTimeouts | undefined;
  limits?: SessionLimits | undefined;
}

/** How a client comes back, with everything filled in. */
export interface ReconnectSettings extends BackoffSettings {
  readonly waitOnFirstConnect: boolean;
}

/** The options with everything filled in. */
export interface ClientSettings {
  readonly connect: Connect;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  readonly connection: ConnectionMode;
  readonly reconnect: ReconnectSettings;
  readonly connectMs: number;
  readonly stallMs: number;
  readonly responseMs: number;
  readonly idleMs: number;
  /** How often requests are asked whether they stall. */
  readonly watchMs: number;
  readonly keepAlive: KeepAliveSettings;
  readonly session: SessionSettings;
  /** Whether what the server is told must not be read by others. */
  readonly secret: boolean;
}

const OPTION_NAMES = [
  'host',
  'port',
  'socketPath',
  'tls',
  'connect',
  'codec',
  'checksum',
  'connection',
  'reconnect',
  'keepAlive',
  'timeouts',
  'limits',
  'user',
  'password',
  'token',
  'allowUnencryptedCredentials',
];
const TIMEOUT_NAMES = ['connectMs', 'stallMs', 'responseMs', 'idleMs'];
const RECONNECT_NAMES = ['maxAttempts', 'maxElapsedMs', 'minDelayMs', 'maxDelayMs', 'waitOnFirstConnect'];
const MAX_ATTEMPTS = 1_000_000;

/** Checks the options and fills in the defaults. Throws a TypeError for one that is wrong. */
export function clientSettings(options: FileClientOptions): ClientSettings {
  const { timeouts = {}, limits: bounds = {} } = options;
  rejectUnknownOptions('FileClient', options, OPTION_NAMES);
  rejectUnknownOptions('timeouts', timeouts, TIMEOUT_NAMES);
  rejectUnknownOptions('limits', bounds, sessionLimitNames);
  const stallMs = timeOption('timeouts.stallMs', timeouts.stallMs, limits.STALL_TIMEOUT_MS);
  const keepAlive = keepAliveSettings(options.keepAlive ?? {});
  const responseMs = timeOption('timeouts.responseMs', timeouts.responseMs, limits.RESPONSE_TIMEOUT_MS);
  return {
    connect: connectOf(options),
    codec: codecOf(options.codec ?? 'binary'),
    checksum: choiceOption('checksum', options.checksum, { choices: checksumAlgorithms, default: 'crc32' }),
    connection: choiceOption('connection', options.connection, {
      choices: ['persistent', 'on-demand'],
      default: 'persistent',
    }),
    reconnect: reconnectSettings(options.reconnect ?? {}),
    responseMs,
    watchMs: Math.max(1, Math.floor(Math.min(stallMs, responseMs) / 4)),
    idleMs: timeOption('timeouts.idleMs', timeouts.idleMs, limits.IDLE_TIMEOUT_MS),
    connectMs: timeOption('timeouts.connectMs', timeouts.connectMs, limits.CONNECT_TIMEOUT_MS),
    stallMs,
    keepAlive,
    session: { ...sessionSettings(bounds, keepAlive), credentials: credentialsOf(options) },
    secret: isSecret(options),
  };
}

function credentialsOf({ user, password, token }: FileClientOptions): SentCredentials {
  return {
    user: textOption('user', user),
    password: secretOption('password', password),
    bearer: secretOption('token', token),
  };
}

/** No server lets anybody in by an empty secret, and a forgotten variable should show at once. */
function secretOption(name: string, value: string | undefined): string | undefined {
  if (value === '') throw new TypeError(`The option ${name} must not be empty.`);
  return textOption(name, value);
}

function isSecret({ password, token, allowUnencryptedCredentials }: FileClientOptions): boolean {
  const isAllowed = flagOption('allowUnencryptedCredentials', allowUnencryptedCredentials) ?? false;
  return !isAllowed && (password ?? token) !== undefined;
}

function reconnectSettings(option: ReconnectOptions | false): ReconnectSettings {
  const options = option === false ? { maxAttempts: 0 } : option;
  rejectUnknownOptions('reconnect', options, RECONNECT_NAMES);
  const { maxAttempts, maxElapsedMs, minDelayMs, maxDelayMs, waitOnFirstConnect = false } = options;
  return {
    maxAttempts: integerOption('reconnect.maxAttempts', maxAttempts, {
      min: 0,
      max: MAX_ATTEMPTS,
      default: limits.RECONNECT_MAX_ATTEMPTS,
    }),
    maxElapsedMs: timeOption('reconnect.maxElapsedMs', maxElapsedMs, limits.RECONNECT_MAX_ELAPSED_MS),
    minDelayMs: timeOption('reconnect.minDelayMs', minDelayMs, limits.RECONNECT_MIN_DELAY_MS),
    maxDelayMs: timeOption('reconnect.maxDelayMs', maxDelayMs, limits.RECONNECT_MAX_DELAY_MS),
    waitOnFirstConnect,
  };
}

function connectOf(options: FileClientOptions): Connect {
  const { connect, socketPath } = options;
  const given = [connect, socketPath, options.host ?? options.port].filter((option) => option !== undefined);
  if (given.length > 1)
    throw new TypeError('FileClient takes host and port, socketPath, or connect: only one of them.');
  const tls = tlsOption(options.tls);
  if (connect && tls) throw new TypeError('The option tls is not for a connection that connect makes.');
  if (connect) return connect;
  const port = integerOption('port', options.port, { min: 1, max: 65_535, default: limits.DEFAULT_PORT });
  const where =
    socketPath === undefined ? { host: options.host ?? limits.DEFAULT_HOST, port } : { path: socketPath };
  return tls ? connectTls(where, tls) : connectTcp(where);
}

function tlsOption(option: boolean | ConnectionOptions | undefined): ConnectionOptions | undefined {
  if (option === undefined || typeof option === 'boolean') return option ? {} : undefined;
  if (typeof option !== 'object' || option === null) {
    throw new TypeError('The option tls must be true, false, or options as for tls.connect.');
  }
  const misplaced = ['host', 'port', 'path', 'socket'].find((name) => name in option);
  if (misplaced === undefined) return option;
  throw new TypeError(`The option tls takes no ${misplaced}: FileClient has options of its own for that.`);
}
