/** The options of a server: declared, defaulted and checked here, once. Only this file names concrete parts. */
import path from 'node:path';
import type { TlsOptions } from 'node:tls';
import { builtinCodecs, codecOf, type CodecName } from '../codecs/builtin.js';
import type { Codec } from '../codecs/codec.js';
import { detectCodec } from '../codecs/detect.js';
import { checksumAlgorithms, type ChecksumAlgorithm } from '../protocol/checksum.js';
import { TransferError } from '../errors.js';
import * as limits from '../protocol/limits.js';
import { choiceOption, integerOption, rejectUnknownOptions, timeOption } from '../options/option.js';
import type { KeepAliveSettings } from '../session/keep-alive/keep-alive-negotiation.js';
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
import { serverBounds, serverLimitNames, type ServerBounds, type ServerLimits } from './limits.js';
import type { SuspendedUploadLimits } from './uploads/suspended-uploads.js';
import { BlockingStrategy } from './strategies/blocking-strategy.js';
import { NonBlockingStrategy } from './strategies/non-blocking-strategy.js';
import type { ServerStrategy } from './strategies/strategy.js';
import { tlsOption } from './tls/tls-option.js';

/** The strategies by name. */
export type StrategyName = 'blocking' | 'non-blocking';

/** What a server does for uploads that are interrupted. */
export interface SuspendedUploadOptions {
  /** Number of suspended uploads that the server keeps; the oldest is discarded. Default 1,024. */
  maxSuspendedUploads?: number | undefined;
  /**
   * Milliseconds for which the server keeps a suspended upload. Default 3,600,000. Applies to a storage that cannot keep
   * suspended uploads itself; for a directory see `DirectoryStorageOptions`.
   */
  suspendedExpiryMs?: number | undefined;
}

/** How long a server waits, in milliseconds. */
export interface ServerTimeouts {
  /** From a connection's start to its welcome: the TLS handshake, its `hello` and the login. Default 10,000. */
  handshakeMs?: number | undefined;
  /** For a transfer's next byte while it is the client's turn, and for any of what is sent to go out. Default 60,000. */
  stallMs?: number | undefined;
}

/** The options of {@link FileServer}. */
export interface FileServerOptions extends AccessOptions {
  /** The directory to serve, for reading and writing. Default: the current one, read-only. */
  root?: string | undefined;
  /**
   * What has happened when a change of the root is reported as done: `'commit'`, it is on the disk; `'none'`, the system
   * knows of it. Default `'commit'`.
   */
  durability?: 'commit' | 'none' | undefined;
  /** What to serve instead of a directory. The server does not close it. */
  storage?: Storage | undefined;
  /**
   * The notation: a name, a codec of your own, several of which the client's is recognised, or `'auto'` for
   * the four that are built in. Default `'auto'`.
   */
  codec?: CodecName | 'auto' | Codec | readonly (CodecName | Codec)[] | undefined;
  /** When requests are served. Default `'non-blocking'`. */
  strategy?: StrategyName | ServerStrategy | undefined;
  /** The checksum of a transfer whose client names none. Default `'crc32'`. */
  checksum?: ChecksumAlgorithm | undefined;
  /**
   * Encrypts every connection from its first byte: the options of `tls.createServer`, such as `key`, `cert`, and for
   * certificates of clients `ca` and `requestCert`. Default: no encryption.
   */
  tls?: TlsOptions | undefined;
  limits?: ServerLimits | undefined;
  keepAlive?: KeepAliveOptions | undefined;
  timeouts?: ServerTimeouts | undefined;
  uploads?: SuspendedUploadOptions | undefined;
}

/** The options with everything filled in. */
export interface ServerSettings extends ServerBounds {
  readonly storage: Storage;
  /** Whether the storage is the server's own, to be closed with it. */
  readonly ownsStorage: boolean;
  /** The directory that is served, if the storage is the server's own. */
  readonly rootPath: string | undefined;
  readonly readOnlyMessage: string;
  readonly codecs: readonly Codec[];
  readonly strategy: ServerStrategy;
  readonly checksum: ChecksumAlgorithm;
  readonly session: SessionSettings;
  readonly access: AccessSettings;
  readonly tls: TlsOptions | undefined;
  readonly handshakeMs: number;
  readonly stallMs: number;
  readonly keepAlive: KeepAliveSettings;
  readonly uploads: SuspendedUploadLimits;
}

const OPTION_NAMES = [
  'root',
  'durability',
  'storage',
  'codec',
  'strategy',
  'checksum',
  'limits',
  'keepAlive',
  'timeouts',
  'uploads',
  'tls',
  ...accessOptionNames,
];
/** Checks the options and fills in the defaults. Throws a TypeError for one that is wrong. */
export function serverSettings(options: FileServerOptions): ServerSettings {
  rejectUnknownOptions('FileServer', options, OPTION_NAMES);
  rejectUnknownOptions('limits', options.limits ?? {}, serverLimitNames);
  rejectUnknownOptions('timeouts', options.timeouts ?? {}, ['handshakeMs', 'stallMs']);
  const { limits: bounds = {}, timeouts = {} } = options;
  const keepAlive = keepAliveSettings(options.keepAlive ?? {});
  return {
    ...storageSettings(options),
    codecs: codecsOf(options.codec ?? 'auto'),
    strategy: strategyOf(options.strategy ?? 'non-blocking', bounds),
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
    ...serverBounds(bounds),
    tls: tlsOption(options.tls),
    handshakeMs: timeOption('timeouts.handshakeMs', timeouts.handshakeMs, limits.HANDSHAKE_TIMEOUT_MS),
    stallMs: timeOption('timeouts.stallMs', timeouts.stallMs, limits.STALL_TIMEOUT_MS),
    keepAlive,
    uploads: suspendedUploadLimits(options.uploads ?? {}),
  };
}

function suspendedUploadLimits(uploads: SuspendedUploadOptions): SuspendedUploadLimits {
  rejectUnknownOptions('uploads', uploads, ['maxSuspendedUploads', 'suspendedExpiryMs']);
  return {
    maxSuspendedUploads: integerOption('uploads.maxSuspendedUploads', uploads.maxSuspendedUploads, {
      min: 0,
      default: limits.DEFAULT_MAX_SUSPENDED_UPLOADS,
    }),
    suspendedExpiryMs: timeOption(
      'uploads.suspendedExpiryMs',
      uploads.suspendedExpiryMs,
      limits.SUSPENDED_EXPIRY_MS,
    ),
  };
}

function storageSettings(
  options: FileServerOptions,
): Pick<ServerSettings, 'storage' | 'ownsStorage' | 'readOnlyMessage' | 'rootPath'> {
  const { root, storage, durability } = options;
  if (root !== undefined && storage !== undefined) {
    throw new TypeError('FileServer takes root or storage, not both.');
  }
  if (root === undefined && durability !== undefined) {
    throw new TypeError('The option durability is for root; a storage has its own.');
  }
  const readOnlyMessage = 'The storage is read-only.';
  if (storage) return { storage, ownsStorage: false, rootPath: undefined, readOnlyMessage };
  if (root !== undefined) {
    return {
      storage: new DirectoryStorage(root, { durability }),
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

/** The codec of a connection that begins with these bytes: undefined while they are too few, null if none fits. */
export function chooseCodec(codecs: readonly Codec[], firstBytes: Uint8Array): Codec | null | undefined {
  return codecs.length === 1 ? codecs[0] : detectCodec(codecs, firstBytes);
}

/** What a peer is told that speaks none of the codecs (EPROTO), or why it has to go anyway: readable, and on one line. */
export function notACodec(refusal: TransferError | undefined): Uint8Array {
  const { code, reason, retryable } = refusal ?? mustSayHello;
  return builtinCodecs.text.encode({ type: 'error', code, message: reason, retryable });
}

const mustSayHello = new TransferError(
  'EPROTO',
  'This is a socket-ftp server: the first bytes must be a hello in one of its codecs.',
);
