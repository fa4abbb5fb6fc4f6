/** The options of a client: declared, defaulted and checked here, once. Only this file names concrete codecs. */
import { codecOf, type CodecName } from '../codecs/builtin.js';
import type { Codec } from '../codecs/codec.js';
import { checksumAlgorithms, type ChecksumAlgorithm } from '../protocol/checksum.js';
import * as limits from '../protocol/limits.js';
import { choiceOption, integerOption, refuseUnknown, timeOption } from '../protocol/option.js';
import type { HeartbeatSettings } from '../session/heartbeat.js';
import {
  heartbeatSettings,
  sessionLimitNames,
  sessionSettings,
  silenceTimeoutNames,
  type SessionLimits,
  type SilenceTimeouts,
} from '../session/options.js';
import type { SessionSettings } from '../session/settings.js';
import { connectTcp, type Connect } from './connect.js';

/** How long a client waits, in milliseconds. */
export interface ClientTimeouts extends SilenceTimeouts {
  /** For a connection and the server's welcome. Default 10,000. */
  connectMs?: number | undefined;
  /** For the server to take any of what is sent to it. Default 60,000. */
  stallMs?: number | undefined;
}

/** The options of {@link FileClient}. */
export interface FileClientOptions {
  /** The server's host. Default 127.0.0.1. */
  host?: string | undefined;
  /** The server's port. Default 2121. */
  port?: number | undefined;
  /** The path of the server's Unix socket, instead of host and port. */
  path?: string | undefined;
  /** Makes the connection instead: any Duplex of bytes. Called whenever one is needed. */
  connect?: Connect | undefined;
  /** The notation. The server must know it; by default a server knows the four that have names. Default `'binary'`. */
  codec?: CodecName | Codec | undefined;
  /** The checksum of transfers. Default `'crc32'`. */
  checksum?: ChecksumAlgorithm | undefined;
  timeouts?: ClientTimeouts | undefined;
  limits?: SessionLimits | undefined;
}

/** The options with everything filled in. */
export interface ClientSettings {
  readonly connect: Connect;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  readonly connectMs: number;
  readonly stallMs: number;
  readonly heartbeat: HeartbeatSettings;
  readonly session: SessionSettings;
}

const OPTION_NAMES = ['host', 'port', 'path', 'connect', 'codec', 'checksum', 'timeouts', 'limits'];

/** Checks the options and fills in the defaults. Throws a TypeError for one that is wrong. */
export function clientSettings(where: string | FileClientOptions): ClientSettings {
  const options = typeof where === 'string' ? optionsOfUrl(where) : where;
  const { timeouts = {}, limits: bounds = {} } = options;
  refuseUnknown('FileClient', options, OPTION_NAMES);
  refuseUnknown('timeouts', timeouts, ['connectMs', 'stallMs', ...silenceTimeoutNames]);
  refuseUnknown('limits', bounds, sessionLimitNames);
  return {
    connect: connectOf(options),
    codec: codecOf(options.codec ?? 'binary'),
    checksum: choiceOption('checksum', options.checksum, { choices: checksumAlgorithms, default: 'crc32' }),
    connectMs: timeOption('timeouts.connectMs', timeouts.connectMs, limits.CONNECT_TIMEOUT_MS),
    stallMs: timeOption('timeouts.stallMs', timeouts.stallMs, limits.STALL_TIMEOUT_MS),
    heartbeat: heartbeatSettings(timeouts),
    session: sessionSettings(bounds),
  };
}

function optionsOfUrl(text: string): FileClientOptions {
  if (!URL.canParse(text)) throw new TypeError(`${text} is not a URL such as tcp://host:2121.`);
  const url = new URL(text);
  if (url.protocol !== 'tcp:') throw new TypeError(`The URL must begin with tcp://, not ${url.protocol}`);
  if (url.hostname === '') throw new TypeError('The URL names no host.');
  if (url.username || url.password || url.search || url.hash || !['', '/'].includes(url.pathname)) {
    throw new TypeError('The URL must have a host and a port only.');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return url.port === '' ? { host } : { host, port: Number(url.port) };
}

function connectOf(options: FileClientOptions): Connect {
  const { connect, path } = options;
  const given = [connect, path, options.host ?? options.port].filter((option) => option !== undefined);
  if (given.length > 1)
    throw new TypeError('FileClient takes host and port, or path, or connect: only one of them.');
  if (connect) return connect;
  if (path !== undefined) return connectTcp({ path });
  const port = integerOption('port', options.port, { min: 1, max: 65_535, default: limits.DEFAULT_PORT });
  return connectTcp({ host: options.host ?? limits.DEFAULT_HOST, port });
}
