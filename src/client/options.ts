/** The options of a client: declared, defaulted and checked here, once. Only this file names concrete codecs. */
import { codecOf, type CodecName } from '../codecs/builtin.js';
import type { Codec } from '../codecs/codec.js';
import { checksumAlgorithms, type ChecksumAlgorithm } from '../protocol/checksum.js';
import * as limits from '../protocol/limits.js';
import { choiceOption, integerOption, refuseUnknown, timeOption } from '../protocol/option.js';
import type { HeartbeatSettings } from '../session/heartbeat.js';
import type { SessionSettings } from '../session/settings.js';
import { connectTcp, type Connect } from './connect.js';

/** How long a client waits, in milliseconds. */
export interface ClientTimeouts {
  /** For a connection and the server's welcome. Default 10,000. */
  connectMs?: number | undefined;
  /** Silence after which the server is pinged. Default 15,000. */
  idleMs?: number | undefined;
  /** Silence after which the connection is given up with ETIMEDOUT. Default 45,000. */
  deadMs?: number | undefined;
}

/** Bounds on what a server may make a client keep. */
export interface ClientLimits {
  /** Bytes of a header, 4,096 to 1,048,576. Default 16,384. */
  maxHeaderBytes?: number | undefined;
  /** Bytes of payload in one data frame, 65,536 to 1,048,576. Default 1,048,576. */
  maxFrameBytes?: number | undefined;
  /** Bytes of a download that may come ahead of its reader, from 65,536. Default 2,097,152. */
  windowBytes?: number | undefined;
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
  limits?: ClientLimits | undefined;
}

/** The options with everything filled in. */
export interface ClientSettings {
  readonly connect: Connect;
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  readonly connectMs: number;
  readonly heartbeat: HeartbeatSettings;
  readonly session: SessionSettings;
}

const OPTION_NAMES = ['host', 'port', 'path', 'connect', 'codec', 'checksum', 'timeouts', 'limits'];

/** Checks the options and fills in the defaults. Throws a TypeError for one that is wrong. */
export function clientSettings(where: string | FileClientOptions): ClientSettings {
  const options = typeof where === 'string' ? optionsOfUrl(where) : where;
  const { timeouts = {}, limits: bounds = {} } = options;
  refuseUnknown('FileClient', options, OPTION_NAMES);
  refuseUnknown('timeouts', timeouts, ['connectMs', 'idleMs', 'deadMs']);
  refuseUnknown('limits', bounds, ['maxHeaderBytes', 'maxFrameBytes', 'windowBytes']);
  return {
    connect: connectOf(options),
    codec: codecOf(options.codec ?? 'binary'),
    checksum: choiceOption('checksum', options.checksum, { choices: checksumAlgorithms, default: 'crc32' }),
    connectMs: timeOption('timeouts.connectMs', timeouts.connectMs, limits.CONNECT_TIMEOUT_MS),
    heartbeat: {
      idleMs: timeOption('timeouts.idleMs', timeouts.idleMs, limits.HEARTBEAT_IDLE_MS),
      deadMs: timeOption('timeouts.deadMs', timeouts.deadMs, limits.HEARTBEAT_DEAD_MS),
    },
    session: { agent: limits.AGENT, maxChannels: limits.DEFAULT_MAX_CHANNELS, ...boundsOf(bounds) },
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

function boundsOf(
  bounds: ClientLimits,
): Pick<SessionSettings, 'maxHeaderBytes' | 'maxFrameBytes' | 'windowBytes'> {
  return {
    maxHeaderBytes: integerOption('limits.maxHeaderBytes', bounds.maxHeaderBytes, {
      min: limits.MAX_HEADER_BYTES_EARLY,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_HEADER_BYTES,
    }),
    maxFrameBytes: integerOption('limits.maxFrameBytes', bounds.maxFrameBytes, {
      min: limits.MIN_FRAME_BYTES,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_FRAME_BYTES,
    }),
    windowBytes: integerOption('limits.windowBytes', bounds.windowBytes, {
      min: limits.EARLY_WINDOW_BYTES,
      default: limits.DEFAULT_WINDOW_BYTES,
    }),
  };
}
