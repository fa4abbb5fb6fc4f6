/** The limits of a server: declared, defaulted and checked here. */
import * as limits from '../protocol/limits.js';
import { integerOption } from '../options/option.js';
import { sessionLimitNames, type SessionLimits } from '../session/options.js';
import type { ConnectionLimits } from './connection/connection-limiter.js';

/** Bounds on what clients may make a server do and keep. */
export interface ServerLimits extends SessionLimits {
  /** Connections at once; further ones are refused with EAGAIN. Default 10,000. */
  maxConnections?: number | undefined;
  /** Connections at once from one IPv4 address, or one IPv6 network of 64 bits. Default 256. */
  maxConnectionsPerAddress?: number | undefined;
  /** Connections at once that have not been welcomed; beyond it the oldest of them are closed. Default 1,024. */
  maxPendingHandshakes?: number | undefined;
  /** Bytes of uploads that may come, for all connections, before they are stored. Default 268,435,456 (256 MiB). */
  maxBufferedBytes?: number | undefined;
  /** Bytes of uploads that may come on one connection before they are stored. Default 33,554,432 (32 MiB). */
  maxBufferedBytesPerConnection?: number | undefined;
  /** Bytes a second that a transfer must move while it waits for its client; 0 asks for any byte. Default 100. */
  minBytesPerSecond?: number | undefined;
  /** Channels at once on one connection, 16 to 65,536. Default 64. */
  maxChannels?: number | undefined;
  /** Requests served at once by the non-blocking strategy, of all connections. Default 256. */
  maxConcurrentRequests?: number | undefined;
  /** Requests that wait, of all connections; further ones get EAGAIN. Default 4,096. */
  maxQueuedRequests?: number | undefined;
}

/** The names of {@link ServerLimits}. */
export const serverLimitNames = [
  'maxConnections',
  'maxChannels',
  'maxConcurrentRequests',
  'maxQueuedRequests',
  'maxConnectionsPerAddress',
  'maxPendingHandshakes',
  'maxBufferedBytes',
  'maxBufferedBytesPerConnection',
  'minBytesPerSecond',
  ...sessionLimitNames,
];

/** Limits that the server itself keeps, with everything filled in. */
export interface ServerBounds {
  readonly admission: ConnectionLimits;
  readonly maxBufferedBytes: number;
  readonly maxBufferedBytesPerConnection: number;
  readonly minBytesPerSecond: number;
}

/** The limits, checked and filled in. Throws a TypeError for one that is wrong. */
export function serverBounds(bounds: ServerLimits): ServerBounds {
  const bound = (name: keyof ServerLimits, rule: { min: number; default: number }): number =>
    integerOption(`limits.${name}`, bounds[name], rule);
  return {
    admission: {
      maxConnections: bound('maxConnections', { min: 1, default: limits.DEFAULT_MAX_CONNECTIONS }),
      maxConnectionsPerAddress: bound('maxConnectionsPerAddress', {
        min: 1,
        default: limits.DEFAULT_MAX_CONNECTIONS_PER_ADDRESS,
      }),
      maxPendingHandshakes: bound('maxPendingHandshakes', {
        min: 1,
        default: limits.DEFAULT_MAX_PENDING_HANDSHAKES,
      }),
    },
    maxBufferedBytes: bound('maxBufferedBytes', {
      min: limits.INITIAL_WINDOW_BYTES,
      default: limits.DEFAULT_MAX_BUFFERED_BYTES,
    }),
    maxBufferedBytesPerConnection: bound('maxBufferedBytesPerConnection', {
      min: limits.INITIAL_WINDOW_BYTES,
      default: limits.DEFAULT_MAX_BUFFERED_BYTES_PER_CONNECTION,
    }),
    minBytesPerSecond: bound('minBytesPerSecond', {
      min: 0,
      default: limits.DEFAULT_MIN_BYTES_PER_SECOND,
    }),
  };
}
