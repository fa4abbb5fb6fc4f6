/** The limits in bytes per second of one client. */
import { integerOption, rejectUnknownOptions } from '../options/option.js';
import type { RateLimits } from '../session/transport/endpoint.js';
import { RateLimit } from '../session/transport/throttle.js';

/** Limits in bytes per second of all connections of a client together, at least 1,000. Default: no limit. */
export interface ClientBandwidth {
  readonly upload?: number | undefined;
  readonly download?: number | undefined;
}

/** Bytes a second below which the pieces of a body would seem to have stalled. */
const MIN_BYTES_PER_SECOND = 1_000;

/** The limits that all connections of a client share. Throws a TypeError for a wrong option. */
export function clientRateLimits(bandwidth: ClientBandwidth): RateLimits {
  rejectUnknownOptions('bandwidth', bandwidth, ['upload', 'download']);
  const { upload, download } = bandwidth;
  return { sending: limitOf('upload', upload), receiving: limitOf('download', download) };
}

function limitOf(name: string, bytesPerSecond: number | undefined): RateLimit | undefined {
  if (bytesPerSecond === undefined) return undefined;
  const min = MIN_BYTES_PER_SECOND;
  return new RateLimit(integerOption(`bandwidth.${name}`, bytesPerSecond, { min, default: min }));
}
