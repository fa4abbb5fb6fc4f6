/** The options that both ends have in common: bounds on what a peer may send, and patience with its silence. */
import * as limits from '../protocol/limits.js';
import { integerOption, timeOption } from '../options/option.js';
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
export interface SilenceTimeouts {
  /** Silence after which the peer is pinged. Default 15,000, or a third of `deadMs` if that is less. */
  idleMs?: number | undefined;
  /** Silence after which the connection is given up with ETIMEDOUT. Default 45,000. */
  deadMs?: number | undefined;
}

/** The names of {@link SessionLimits}. */
export const sessionLimitNames = ['maxHeaderBytes', 'maxFrameBytes', 'windowBytes'];

/** The names of {@link SilenceTimeouts}. */
export const keepAliveOptionNames = ['idleMs', 'deadMs'];

/** The bounds, checked and filled in; `maxChannels` is only a server's to choose. */
export function sessionSettings(
  bounds: SessionLimits,
  { timeoutMs: silenceMs }: KeepAliveSettings,
  maxChannels: number = limits.DEFAULT_MAX_CHANNELS,
): SessionSettings {
  return {
    agent: limits.AGENT,
    maxChannels,
    keepAliveTimeoutMs: silenceMs,
    maxFrameBytes: integerOption('limits.maxFrameBytes', bounds.maxFrameBytes, {
      min: limits.MIN_FRAME_BYTES,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_FRAME_BYTES,
    }),
    maxHeaderBytes: integerOption('limits.maxHeaderBytes', bounds.maxHeaderBytes, {
      min: limits.MAX_HEADER_BYTES_EARLY,
      max: limits.MAX_FRAME_BYTES,
      default: limits.MAX_HEADER_BYTES,
    }),
    windowBytes: integerOption('limits.windowBytes', bounds.windowBytes, {
      min: limits.EARLY_WINDOW_BYTES,
      default: limits.DEFAULT_WINDOW_BYTES,
    }),
    // A number is taken at its word.
    maxWindowBytes: bounds.windowBytes ?? limits.MAX_WINDOW_BYTES,
  };
}

/** The times of the heartbeat, checked and filled in. */
export function keepAliveSettings(timeouts: SilenceTimeouts): KeepAliveSettings {
  const deadMs = timeOption('timeouts.deadMs', timeouts.deadMs, limits.HEARTBEAT_DEAD_MS);
  const idleByDefault = Math.min(limits.HEARTBEAT_IDLE_MS, Math.ceil(deadMs / 3));
  const idleMs = timeOption('timeouts.idleMs', timeouts.idleMs, idleByDefault);
  if (idleMs < deadMs || timeouts.idleMs === undefined) return { intervalMs: idleMs, timeoutMs: deadMs };
  throw new TypeError(`The option timeouts.idleMs must be less than timeouts.deadMs, which is ${deadMs}.`);
}
