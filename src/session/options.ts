/** The options that both ends have in common: bounds on what a peer may send, and patience with its silence. */
import * as limits from '../protocol/limits.js';
import { integerOption, rejectUnknownOptions, timeOption } from '../options/option.js';
import type { KeepAliveSettings } from './keep-alive/keep-alive-negotiation.js';
import type { SessionSettings } from './settings.js';

/** Bounds on what a peer may make this end keep. */
export interface SessionLimits {
  /** Bytes of a header, 4,096 to 1,048,576. Default 65,536. */
  maxHeaderBytes?: number | undefined;
  /** Bytes of payload in one data frame, 65,536 to 1,048,576. Default 1,048,576. */
  maxFrameBytes?: number | undefined;
  /**
   * Bytes of a body that are taken before they are consumed: then the peer must wait, from 65,536. Default 2,097,152,
   * and up to 16,777,216 where the link is so long that fewer do not fill it.
   */
  windowBytes?: number | undefined;
}

/** How long a silent peer is waited for, in milliseconds. */
export interface KeepAliveOptions {
  /** Silence after which the peer is pinged. Default 15,000, or a third of `timeoutMs` if that is less. */
  intervalMs?: number | undefined;
  /** Silence after which the connection is given up with ETIMEDOUT. Default 45,000. */
  timeoutMs?: number | undefined;
}

/** The names of {@link SessionLimits}. */
export const sessionLimitNames = ['maxHeaderBytes', 'maxFrameBytes', 'windowBytes'];

/** The names of {@link KeepAliveOptions}. */
const keepAliveOptionNames = ['intervalMs', 'timeoutMs'];

/** The bounds, checked and filled in; `maxChannels` is only a server's to choose. */
export function sessionSettings(
  bounds: SessionLimits,
  { timeoutMs }: KeepAliveSettings,
  maxChannels: number = limits.DEFAULT_MAX_CHANNELS,
): SessionSettings {
  return {
    agent: limits.AGENT,
    maxChannels,
    keepAliveTimeoutMs: timeoutMs,
    maxFrameBytes: integerOption('limits.maxFrameBytes', bounds.maxFrameBytes, {
      min: limits.MIN_FRAME_BYTES,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_FRAME_BYTES,
    }),
    maxHeaderBytes: integerOption('limits.maxHeaderBytes', bounds.maxHeaderBytes, {
      min: limits.INITIAL_MAX_HEADER_BYTES,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_HEADER_BYTES,
    }),
    windowBytes: integerOption('limits.windowBytes', bounds.windowBytes, {
      min: limits.INITIAL_WINDOW_BYTES,
      default: limits.DEFAULT_WINDOW_BYTES,
    }),
    // A number is taken at its word.
    maxWindowBytes: bounds.windowBytes ?? limits.MAX_WINDOW_BYTES,
  };
}

/** The keep-alive times, checked and filled in. */
export function keepAliveSettings(options: KeepAliveOptions): KeepAliveSettings {
  rejectUnknownOptions('keepAlive', options, keepAliveOptionNames);
  const timeoutMs = timeOption('keepAlive.timeoutMs', options.timeoutMs, limits.KEEP_ALIVE_TIMEOUT_MS);
  const defaultIntervalMs = Math.min(limits.KEEP_ALIVE_INTERVAL_MS, Math.ceil(timeoutMs / 3));
  const intervalMs = timeOption('keepAlive.intervalMs', options.intervalMs, defaultIntervalMs);
  if (intervalMs < timeoutMs || options.intervalMs === undefined) return { intervalMs, timeoutMs };
  throw new TypeError(
    `The option keepAlive.intervalMs (${intervalMs}) must be less than keepAlive.timeoutMs (${timeoutMs}).`,
  );
}
