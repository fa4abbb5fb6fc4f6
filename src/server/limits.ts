/** The limits of a server: declared, defaulted and checked here. */
import * as limits from '../protocol/limits.js';
import { integerOption } from '../options/option.js';
import { sessionLimitNames, type SessionLimits } from '../session/options.js';
import type { ConnectionLimits } from './connection/connection-limiter.js';

/** Limits for what clients may send to a server, and occupy on it. */
export interface ServerLimits extends SessionLimits {
  /** Open connections. Further ones are rejected with EAGAIN. Default 10,000. */
  maxConnections?: number | undefined;
  /** Open connections of one IPv4 address, or one IPv6 /64 network. Further ones get EAGAIN. Default 256. */
  maxConnectionsPerAddress?: number | undefined;
  /**
   * Connections whose handshake has not finished. Beyond it, the server closes the oldest one of the address that has the
   * most. Default 1,024.
   */
  maxPendingHandshakes?: number | undefined;
  /** Bytes of uploads, received and not yet stored, of all connections. Default 268,435,456 (256 MiB). */
  maxBufferedBytes?: number | undefined;
  /** Bytes of uploads, received and not yet stored, of one connection. Default 33,554,432 (32 MiB). */
  maxBufferedBytesPerConnection?: number | undefined;
  /**
   * Bytes per second that a transfer must move on average while it waits for its client; a slower one fails with
   * ETIMEDOUT after `timeouts.stallMs`. With 0, one byte is enough. Default 100.
   */
  minBytesPerSecond?: number | undefined;
  /** Open channels (requests) of one connection, 16 to 65,536. Default 64. */
  maxChannels?: number | undefined;
  /** Requests that the non-blocking strategy runs at once, of all connections. Default 256. */
  maxConcurrentRequests?: number | undefined;
  /** Requests that wait for the strategy, of all connections. Further ones get EAGAIN. Default 4,096. */
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

/** The limits of {@link ServerLimits} that the server itself enforces, with defaults. */
export interface ServerBounds {
  readonly admission: ConnectionLimits;
  readonly maxBufferedBytes: number;
  readonly maxBufferedBytesPerConnection: number;
  readonly minBytesPerSecond: number;
}

/** Checks the limits and adds the defaults. Throws a TypeError for a wrong limit. */
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
