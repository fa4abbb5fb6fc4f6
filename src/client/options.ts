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
import type { RateLimits } from '../session/transport/endpoint.js';
import { clientRateLimits, type ClientBandwidth } from './bandwidth.js';
import type { BackoffSettings } from './connection/backoff.js';
import { connectTcp, connectTls, type Connect } from './connection/connect.js';
import {
  clientUdpOptionNames,
  clientUdpSettings,
  type ClientUdpOptions,
  type ClientUdpSettings,
  type TransportName,
} from './udp/options.js';

/** The time limits of a client, in milliseconds. */
export interface ClientTimeouts {
  /** For connecting, including the server's `welcome`. Default 10,000. */
  connectMs?: number | undefined;
  /** For the next byte of a body while it is the server's turn, and for the connection to accept bytes. Default 60,000. */
  stallMs?: number | undefined;
  /**
   * For the response to a request, or for a sign that the server is at work on it. Without progress, signs extend it to at
   * most 100 times; 10 times for `stat`, `exists`, `utimes`, `chmod` and the rest of a body. Default 300,000.
   */
  responseMs?: number | undefined;
  /** For the next request, before an `'on-demand'` connection is closed. Default 10,000. */
  idleMs?: number | undefined;
}

/** The limits of reconnecting. Requests wait for the next connection and continue. */
export interface ReconnectOptions {
  /** Attempts of a request without progress of its own in between, 0 to 1,000,000. Default 20. */
  maxAttempts?: number | undefined;
  /** Time in ms that a request is retried, from the first loss after its last progress on. Default 60,000. */
  maxElapsedMs?: number | undefined;
  /** Upper bound of the first backoff delay in ms (full jitter). Doubles after each attempt. Default 100. */
  minDelayMs?: number | undefined;
  /** Upper bound of every backoff delay, in ms. Default 10,000. */
  maxDelayMs?: number | undefined;
  /** Retries the first connection, too. Default false: a wrong port fails immediately. */
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
  /** Path of the server's Unix socket, used instead of `host` and `port`. */
  socketPath?: string | undefined;
  /**
   * Encrypts the connection with TLS: true, or options of `tls.connect` such as `ca`, and `key` and `cert` for a server
   * that requires a client certificate. Default: no encryption.
   */
  tls?: boolean | ConnectionOptions | undefined;
  /** Makes a connection, a Duplex of bytes, used instead of `host` and `port`. Called for every connection. */
  connect?: Connect | undefined;
  /** The codec, which the server must support. By default a server supports all four built-in ones. Default `'binary'`. */
  codec?: CodecName | Codec | undefined;
  /** User name, for a server that authenticates its clients. */
  user?: string | undefined;
  /** Password. Sent only over TLS, a Unix socket, loopback or a Duplex of `connect`; otherwise connecting fails with EAUTH. */
  password?: string | undefined;
  /** Bearer token, used instead of `password` and sent under the same conditions. */
  token?: string | undefined;
  /** Sends `password` and `token` over any connection, also unencrypted. Default false. */
  allowUnencryptedCredentials?: boolean | undefined;
  /** Checksum algorithm of transfers. Default `'crc32'`. */
  checksum?: ChecksumAlgorithm | undefined;
  /**
   * `'persistent'`: the connection stays open from the first request on, and is made again after a loss.
   * `'on-demand'`: the connection is closed after `timeouts.idleMs` without a request. Default `'persistent'`.
   */
  connection?: ConnectionMode | undefined;
  /** The limits of reconnecting; false: requests fail when their connection is lost. */
  reconnect?: ReconnectOptions | false | undefined;
  /**
   * The way of large files: `'tcp'`; `'udp'` for files of 1 MiB and more where the server offers it; `'auto'`: UDP, but not on
   * the same host and below 1 ms of round trip. Where datagrams do not arrive, TCP. Default `'tcp'`.
   */
  transport?: TransportName | undefined;
  /** How files travel over UDP. */
  udp?: ClientUdpOptions | undefined;
  /**
   * Limits in bytes per second, of all connections of the client together. Only with the transport `'tcp'`: for UDP, see
   * `udp.maxRate`. Default: no limit.
   */
  bandwidth?: ClientBandwidth | undefined;
  /**
   * Where calls for local files run. `'auto'`: short calls run synchronously while they return fast, on local file systems
   * (Linux only). Small files take a fraction of the time, but a call blocks the process until it returns. `'threads'`: all calls
   * use Node's thread pool. Default `'auto'`.
   */
  fileCalls?: 'auto' | 'threads' | undefined;
  keepAlive?: KeepAliveOptions | undefined;
  timeouts?: ClientTimeouts | undefined;
  limits?: SessionLimits | undefined;
}

/** The reconnect options with all defaults. */
interface ReconnectSettings extends BackoffSettings {
  readonly waitOnFirstConnect: boolean;
}

/** The options with all defaults. */
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
  /** Interval of the checks of `stallMs` and `responseMs`. */
  readonly watchMs: number;
  readonly keepAlive: KeepAliveSettings;
  readonly session: SessionSettings;
  readonly udp: ClientUdpSettings;
  /** Shared by all connections. */
  readonly rateLimits: RateLimits;
  readonly fileCalls: 'auto' | 'threads';
  /** Whether credentials require a private connection. */
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
  'fileCalls',
  'user',
  'password',
  'token',
  'allowUnencryptedCredentials',
  'bandwidth',
  ...clientUdpOptionNames,
];
const TIMEOUT_NAMES = ['connectMs', 'stallMs', 'responseMs', 'idleMs'];
const RECONNECT_NAMES = ['maxAttempts', 'maxElapsedMs', 'minDelayMs', 'maxDelayMs', 'waitOnFirstConnect'];
const MAX_ATTEMPTS = 1_000_000;

/** Checks the options and fills in the defaults. Throws a TypeError for a wrong option. */
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
    udp: clientUdpSettings(options),
    rateLimits: rateLimitsOf(options),
    codec: codecOf(options.codec ?? 'binary'),
    checksum: choiceOption('checksum', options.checksum, { choices: checksumAlgorithms, default: 'crc32' }),
    connection: choiceOption('connection', options.connection, {
      choices: ['persistent', 'on-demand'],
      default: 'persistent',
    }),
    fileCalls: choiceOption('fileCalls', options.fileCalls, {
      choices: ['auto', 'threads'],
      default: 'auto',
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

function rateLimitsOf({ bandwidth = {}, transport = 'tcp' }: FileClientOptions): RateLimits {
  const rateLimits = clientRateLimits(bandwidth);
  const isLimited = rateLimits.sending ?? rateLimits.receiving;
  if (transport === 'tcp' || !isLimited) return rateLimits;
  throw new TypeError(`The option bandwidth needs the transport 'tcp'; for UDP, set udp.maxRate.`);
}

function credentialsOf({ user, password, token }: FileClientOptions): SentCredentials {
  return {
    user: textOption('user', user),
    password: secretOption('password', password),
    bearer: secretOption('token', token),
  };
}

/** An empty secret is never accepted by a server; most likely an environment variable is missing. */
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
    throw new TypeError('FileClient takes only one of them: host and port, socketPath, or connect.');
  const tls = tlsOption(options.tls);
  if (connect && tls) throw new TypeError('The option tls does not apply to a Duplex of the option connect.');
  if (connect) return connect;
  const port = integerOption('port', options.port, { min: 1, max: 65_535, default: limits.DEFAULT_PORT });
  const where =
    socketPath === undefined ? { host: options.host ?? limits.DEFAULT_HOST, port } : { path: socketPath };
  return tls ? connectTls(where, tls) : connectTcp(where);
}

function tlsOption(option: boolean | ConnectionOptions | undefined): ConnectionOptions | undefined {
  if (option === undefined || typeof option === 'boolean') return option ? {} : undefined;
  if (typeof option !== 'object' || option === null) {
    throw new TypeError(
      `The option tls must be a boolean or an object of options of tls.connect, not ${String(option)}.`,
    );
  }
  const misplaced = ['host', 'port', 'path', 'socket'].find((name) => name in option);
  if (misplaced === undefined) return option;
  throw new TypeError(`The option tls must not have ${misplaced}: use the options of FileClient for that.`);
}
