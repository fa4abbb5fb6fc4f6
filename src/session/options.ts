/** The options that both ends share: session limits and keep-alive. */
import * as limits from '../protocol/limits.js';
import { integerOption, rejectUnknownOptions, timeOption } from '../options/option.js';
import type { KeepAliveSettings } from './keep-alive/keep-alive-negotiation.js';
import type { SessionSettings } from './settings.js';

/** Limits on what the peer may send. */
export interface SessionLimits {
  /** Maximum size of a header in bytes, 4,096 to 1,048,576. Default 65,536. */
  maxHeaderBytes?: number | undefined;
  /** Maximum payload of a data frame in bytes, 65,536 to 1,048,576. Default 1,048,576. */
  maxFrameBytes?: number | undefined;
  /**
   * Flow-control window of a transfer in bytes, at least 65,536: the peer may send so many bytes before this end has
   * consumed them. Default 2,097,152, which grows up to 16,777,216 on a link with a long round trip.
   */
  windowBytes?: number | undefined;
  /** Bytes of an input or output of a method as JSON, in both directions, 8,192 to 16,777,216. Default 1,048,576. */
  maxValueBytes?: number | undefined;
}

/** When to ping a silent peer, and when to close the connection. */
export interface KeepAliveOptions {
  /** Silence in ms after which this end sends a ping. Default 15,000, or a third of `timeoutMs` if that is less. */
  intervalMs?: number | undefined;
  /** Silence in ms after which the connection fails with ETIMEDOUT. Default 45,000. */
  timeoutMs?: number | undefined;
}

/** The names of {@link SessionLimits}. */
export const sessionLimitNames = ['maxHeaderBytes', 'maxFrameBytes', 'windowBytes', 'maxValueBytes'];

/** The session settings, checked and complete. Only a server sets `maxChannels`. */
export function sessionSettings(
  options: SessionLimits,
  { timeoutMs }: KeepAliveSettings,
  maxChannels: number = limits.DEFAULT_MAX_CHANNELS,
): SessionSettings {
  return {
    agent: limits.AGENT,
    maxChannels,
    keepAliveTimeoutMs: timeoutMs,
    maxFrameBytes: integerOption('limits.maxFrameBytes', options.maxFrameBytes, {
      min: limits.MIN_FRAME_BYTES,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_FRAME_BYTES,
    }),
    maxHeaderBytes: integerOption('limits.maxHeaderBytes', options.maxHeaderBytes, {
      min: limits.INITIAL_MAX_HEADER_BYTES,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_HEADER_BYTES,
    }),
    windowBytes: integerOption('limits.windowBytes', options.windowBytes, {
      min: limits.INITIAL_WINDOW_BYTES,
      default: limits.DEFAULT_WINDOW_BYTES,
    }),
    maxValueBytes: integerOption('limits.maxValueBytes', options.maxValueBytes, {
      min: limits.MAX_FIELD_VALUE_BYTES,
      max: limits.MAX_VALUE_BYTES,
      default: limits.DEFAULT_MAX_VALUE_BYTES,
    }),
    // A window that the caller chose does not grow.
    maxWindowBytes: options.windowBytes ?? limits.MAX_WINDOW_BYTES,
  };
}

/** The keep-alive settings, checked and complete. */
export function keepAliveSettings(options: KeepAliveOptions): KeepAliveSettings {
  rejectUnknownOptions('keepAlive', options, ['intervalMs', 'timeoutMs']);
  const timeoutMs = timeOption('keepAlive.timeoutMs', options.timeoutMs, limits.KEEP_ALIVE_TIMEOUT_MS);
  const defaultIntervalMs = Math.min(limits.KEEP_ALIVE_INTERVAL_MS, Math.ceil(timeoutMs / 3));
  const intervalMs = timeOption('keepAlive.intervalMs', options.intervalMs, defaultIntervalMs);
  if (intervalMs < timeoutMs || options.intervalMs === undefined) return { intervalMs, timeoutMs };
  throw new TypeError(
    `The option keepAlive.intervalMs (${intervalMs}) must be less than keepAlive.timeoutMs (${timeoutMs}).`,
  );
}
