/** The options of a server: declared, defaulted and checked here. Only this file names codecs, storages and strategies. */
import path from 'node:path';
import type { TlsOptions } from 'node:tls';
import { builtinCodecs, codecOf, type CodecName } from '../codecs/builtin.js';
import type { Codec } from '../codecs/codec.js';
import { detectCodec } from '../codecs/detect.js';
import { checksumAlgorithms, type ChecksumAlgorithm } from '../protocol/checksum.js';
import { TransferError } from '../errors.js';
import * as limits from '../protocol/limits.js';
import {
  choiceOption,
  flagOption,
  integerOption,
  rejectUnknownOptions,
  timeOption,
} from '../options/option.js';
import type { KeepAliveSettings } from '../session/keep-alive/keep-alive-negotiation.js';
import { errorFrame } from '../session/channel/server-channel.js';
import { keepAliveSettings, sessionSettings, type KeepAliveOptions } from '../session/options.js';
import type { SessionSettings } from '../session/settings.js';
import { DirectoryStorage } from '../storage/directory/directory-storage.js';
import { readOnly } from '../storage/wrappers/read-only.js';
import type { Storage } from '../storage/storage.js';
import {
  accessOptionNames,
  accessSettings,
  type AccessOptions,
  type AccessSettings,
} from './access/options.js';
import { checkIsOptions } from './check-is-options.js';
import type { NamedProxies } from './connection/proxy-protocol/named-proxies.js';
import { namedProxies, type ProxyProtocolOptions } from './connection/proxy-protocol/options.js';
import { httpSettings, type HttpOptions, type HttpSettings } from './http/options.js';
import { hookOptionNames, hookSettings, type HookOptions, type HookSettings } from './hooks/options.js';
import type { Identity } from './identity.js';
import { serverBounds, serverLimitNames, type ServerBounds, type ServerLimits } from './limits.js';
import {
  requestSessionLimits,
  type RequestSessionLimits,
  type RequestSessionOptions,
} from './sessions/options.js';
import { suspendedUploadLimits, type SuspendedUploadOptions } from './uploads/options.js';
import type { SuspendedUploadLimits } from './uploads/suspended-uploads.js';
import { BlockingStrategy } from './strategies/blocking-strategy.js';
import { NonBlockingStrategy } from './strategies/non-blocking-strategy.js';
import type { ServerStrategy } from './strategies/strategy.js';
import { tlsOption } from './tls/tls-option.js';
import { serverUdpSettings, type ServerUdpOptions, type ServerUdpSettings } from './udp/options.js';
import {
  watchingOptionNames,
  watchLimits,
  type WatchingOptions,
  type WatchLimits,
} from './watches/options.js';

/** Names of the built-in strategies. */
export type StrategyName = 'blocking' | 'non-blocking';

/** Time limits of a server, in milliseconds. */
export interface ServerTimeouts {
  /** From the start of a connection to the end of its handshake: TLS, `hello` and login. Default 10,000. */
  handshakeMs?: number | undefined;
  /**
   * Time without a byte after which a transfer that waits for its client fails, and a connection that takes none of the
   * bytes sent is closed. Default 60,000.
   */
  stallMs?: number | undefined;
  /**
   * How long a request may make no progress while the client is still told that the server is at work on it: in a single
   * call into the storage, or while it waits for a lock or its turn. After it, the `responseMs` of the client counts.
   * Default 300,000.
   */
  progressMs?: number | undefined;
}

/** The options of {@link FileServer}. */
export interface FileServerOptions<IdentityType extends Identity = Identity>
  extends AccessOptions<IdentityType>, HookOptions<IdentityType>, WatchingOptions {
  /** Directory to serve, for reading and writing. Excludes `storage`. Default: the current directory, read-only. */
  root?: string | undefined;
  /**
   * Whether changes in `root` are flushed to disk before they are reported as done. Without, a change may be lost if the
   * system crashes. Requires `root`; a storage has its own option. Default `true`.
   */
  flush?: boolean | undefined;
  /** Storage to serve instead of a directory. Excludes `root`. The server does not close it. */
  storage?: Storage | undefined;
  /**
   * Accepted codecs: a name, a codec of your own, or an array of them. The server detects which of several a client uses.
   * `'auto'` accepts the four built-in ones. Default `'auto'`.
   */
  codec?: CodecName | 'auto' | Codec | readonly (CodecName | Codec)[] | undefined;
  /** Strategy that decides when each request runs. Default `'non-blocking'`. */
  strategy?: StrategyName | ServerStrategy | undefined;
  /**
   * Whether new names must be valid on every system: an upload, `mkdir`, `rename` or `copy` that would create a name which
   * Windows cannot hold (`a:b`, `what?`, `end.`, `aux.c`) fails with EILSEQ. Names that exist can be used. Default `true`.
   */
  portableNames?: boolean | undefined;
  /** Checksum of transfers for which the client names none. Default `'crc32'`. */
  checksum?: ChecksumAlgorithm | undefined;
  /**
   * Options of `tls.createServer()`, such as `key` and `cert`, and `ca` and `requestCert` for certificates of clients.
   * Encrypts every connection of `listen()` from its first byte. Default: no encryption.
   */
  tls?: TlsOptions | undefined;
  /**
   * Proxies that announce the addresses of their clients by the PROXY protocol. Applies to the connections of `listen()`.
   * Default: none, a header is refused.
   */
  proxyProtocol?: ProxyProtocolOptions | undefined;
  /** Limits for what clients may send and occupy. */
  limits?: ServerLimits | undefined;
  /** When the server pings a silent client, and when it closes the connection. */
  keepAlive?: KeepAliveOptions | undefined;
  /** Time limits. */
  timeouts?: ServerTimeouts | undefined;
  /** Suspended uploads that the server keeps. */
  uploads?: SuspendedUploadOptions | undefined;
  /** Sessions, whose answers the server remembers. */
  sessions?: RequestSessionOptions | undefined;
  /**
   * Whether, and how, clients may transfer large files over UDP. Applies to the connections of `listen()` on a port, without
   * proxies. Each such connection has a UDP port of its own. Default false.
   */
  udp?: boolean | ServerUdpOptions | undefined;
  /** Whether, and how, browsers may use the server: HTTP/1.1 on the port of `listen()`. Default false. */
  http?: boolean | HttpOptions | undefined;
}

/** The options of a server, checked and with defaults. */
export interface ServerSettings extends ServerBounds {
  readonly storage: Storage;
  /** Whether the server has created the storage, and closes it. */
  readonly ownsStorage: boolean;
  /** Absolute path of the served directory; undefined for the option `storage`. */
  readonly rootPath: string | undefined;
  readonly readOnlyMessage: string;
  readonly codecs: readonly Codec[];
  readonly strategy: ServerStrategy;
  readonly portableNames: boolean;
  readonly checksum: ChecksumAlgorithm;
  readonly session: SessionSettings;
  readonly access: AccessSettings;
  readonly hooks: HookSettings;
  readonly tls: TlsOptions | undefined;
  readonly proxies: NamedProxies | undefined;
  readonly handshakeMs: number;
  readonly stallMs: number;
  readonly progressMs: number;
  readonly keepAlive: KeepAliveSettings;
  readonly uploads: SuspendedUploadLimits;
  readonly sessions: RequestSessionLimits;
  readonly watches: WatchLimits;
  readonly udp: ServerUdpSettings | undefined;
  readonly http: HttpSettings | undefined;
}

const OPTION_NAMES = [
  'root',
  'flush',
  'storage',
  'codec',
  'strategy',
  'portableNames',
  'checksum',
  'limits',
  'keepAlive',
  'timeouts',
  'uploads',
  'sessions',
  'tls',
  'proxyProtocol',
  'udp',
  'http',
  ...accessOptionNames,
  ...hookOptionNames,
  ...watchingOptionNames,
];

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function serverSettings<IdentityType extends Identity>(
  options: FileServerOptions<IdentityType>,
): ServerSettings {
  checkIsOptions(options);
  rejectUnknownOptions('FileServer', options, OPTION_NAMES);
  rejectUnknownOptions('limits', options.limits ?? {}, serverLimitNames);
  rejectUnknownOptions('timeouts', options.timeouts ?? {}, ['handshakeMs', 'stallMs', 'progressMs']);
  const { limits: bounds = {}, timeouts = {} } = options;
  const keepAlive = keepAliveSettings(options.keepAlive ?? {});
  return {
    ...storageSettings(options),
    codecs: codecsOf(options.codec ?? 'auto'),
    strategy: strategyOf(options.strategy ?? 'non-blocking', bounds),
    portableNames: flagOption('portableNames', options.portableNames) ?? true,
    checksum: choiceOption('checksum', options.checksum, { choices: checksumAlgorithms, default: 'crc32' }),
    session: sessionSettings(
      bounds,
      keepAlive,
      integerOption('limits.maxChannels', bounds.maxChannels, {
        min: limits.INITIAL_MAX_CHANNELS,
        max: limits.MAX_CHANNELS,
        default: limits.DEFAULT_MAX_CHANNELS,
      }),
    ),
    access: accessSettings(options),
    hooks: hookSettings(options),
    ...serverBounds(bounds),
    tls: tlsOption(options.tls),
    proxies: namedProxies(options.proxyProtocol),
    handshakeMs: timeOption('timeouts.handshakeMs', timeouts.handshakeMs, limits.HANDSHAKE_TIMEOUT_MS),
    stallMs: timeOption('timeouts.stallMs', timeouts.stallMs, limits.STALL_TIMEOUT_MS),
    progressMs: timeOption('timeouts.progressMs', timeouts.progressMs, limits.PROGRESS_TIMEOUT_MS),
    keepAlive,
    uploads: suspendedUploadLimits(options.uploads ?? {}),
    sessions: requestSessionLimits(options.sessions ?? {}),
    watches: watchLimits(options),
    udp: serverUdpSettings(options.udp),
    http: httpSettings(options.http),
  };
}

function storageSettings(
  options: Pick<FileServerOptions, 'root' | 'storage' | 'flush'>,
): Pick<ServerSettings, 'storage' | 'ownsStorage' | 'readOnlyMessage' | 'rootPath'> {
  const { root, storage } = options;
  const flush = flagOption('flush', options.flush);
  if (root !== undefined && storage !== undefined) {
    throw new TypeError('FileServer takes root or storage, not both.');
  }
  if (root === undefined && flush !== undefined) {
    throw new TypeError('The option flush requires root; a storage has its own option.');
  }
  const readOnlyMessage = 'The storage is read-only.';
  if (storage) return { storage, ownsStorage: false, rootPath: undefined, readOnlyMessage };
  if (root !== undefined) {
    return {
      storage: new DirectoryStorage(root, { flush }),
      ownsStorage: true,
      rootPath: path.resolve(root),
      readOnlyMessage,
    };
  }
  return {
    storage: readOnly(new DirectoryStorage('.')),
    ownsStorage: true,
    rootPath: path.resolve('.'),
    readOnlyMessage: 'The server is read-only: to allow writing, pass root or storage to FileServer.',
  };
}

function codecsOf(option: NonNullable<FileServerOptions['codec']>): readonly Codec[] {
  if (option === 'auto') return Object.values(builtinCodecs);
  const several = Array.isArray(option)
    ? (option as readonly (CodecName | Codec)[])
    : [option as CodecName | Codec];
  if (several.length === 0) throw new TypeError('The option codec must name at least one codec.');
  const codecs = several.map(codecOf);
  const mute = codecs.find((codec) => codec.detect === undefined);
  if (codecs.length > 1 && mute)
    throw new TypeError(`The codec ${mute.name} has no detect(), so it must stand alone.`);
  return codecs;
}

function strategyOf(option: StrategyName | ServerStrategy, bounds: ServerLimits): ServerStrategy {
  const maxQueuedRequests = integerOption('limits.maxQueuedRequests', bounds.maxQueuedRequests, {
    min: 0,
    default: limits.DEFAULT_MAX_QUEUED_REQUESTS,
  });
  const maxConcurrentRequests = integerOption('limits.maxConcurrentRequests', bounds.maxConcurrentRequests, {
    min: 1,
    default: limits.DEFAULT_MAX_CONCURRENT_REQUESTS,
  });
  if (typeof option === 'object') return option;
  switch (
    choiceOption('strategy', option, { choices: ['blocking', 'non-blocking'], default: 'non-blocking' })
  ) {
    case 'blocking':
      return new BlockingStrategy({ maxQueuedRequests });
    case 'non-blocking':
      return new NonBlockingStrategy({ maxConcurrentRequests, maxQueuedRequests });
  }
}

/** The codec of a connection that starts with these bytes: undefined if more bytes are needed, null if none matches. */
export function chooseCodec(codecs: readonly Codec[], firstBytes: Uint8Array): Codec | null | undefined {
  return codecs.length === 1 ? codecs[0] : detectCodec(codecs, firstBytes);
}

/** The answer to a client that uses none of the codecs: one line of text with the reason, by default EPROTO. */
export function unknownCodecReply(refusal: TransferError | undefined): Uint8Array {
  return builtinCodecs.text.encode(errorFrame(refusal ?? mustSayHello));
}

const mustSayHello = new TransferError(
  'EPROTO',
  'This is a socket-ftp server: the first bytes must be a hello in one of its codecs.',
);
