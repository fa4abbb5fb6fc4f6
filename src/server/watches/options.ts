/** The option `watches` of a server: declared, defaulted and checked here. */
import { integerOption, rejectUnknownOptions } from '../../options/option.js';
import * as limits from '../../protocol/limits.js';

/** Limits for requests that run until they are cancelled: watches, and downloads with `follow`. Further ones get EAGAIN. */
export interface WatchLimitOptions {
  /** Such requests of one connection. From 0. Default 16. */
  maxPerConnection?: number | undefined;
  /** Such requests of one identity, or of one address on a server without logins. From 0. Default 256. */
  maxPerIdentity?: number | undefined;
  /** Such requests of all connections. From 0. Default 4,096. */
  maxWatches?: number | undefined;
}

/** The options of a server for watches. */
export interface WatchingOptions {
  /** Watches and followed downloads that the server runs. */
  watches?: WatchLimitOptions | undefined;
}

/** The names of {@link WatchingOptions}. */
export const watchingOptionNames = ['watches'];

/** The limits of watches, with defaults. */
export interface WatchLimits {
  readonly maxPerConnection: number;
  readonly maxPerIdentity: number;
  readonly maxWatches: number;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function watchLimits({ watches = {} }: WatchingOptions): WatchLimits {
  rejectUnknownOptions('watches', watches, ['maxPerConnection', 'maxPerIdentity', 'maxWatches']);
  const limit = (name: keyof WatchLimitOptions, byDefault: number): number =>
    integerOption(`watches.${name}`, watches[name], { min: 0, default: byDefault });
  return {
    maxPerConnection: limit('maxPerConnection', limits.MAX_CONNECTION_WATCHES),
    maxPerIdentity: limit('maxPerIdentity', limits.MAX_ACCOUNT_WATCHES),
    maxWatches: limit('maxWatches', limits.MAX_WATCHES),
  };
}
