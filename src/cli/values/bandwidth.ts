/** A limit in bytes a second: `10M`, or `10M:1M` for each direction. */
import { usageError } from '../runner/usage-error.js';
import { parseSize } from './size.js';

/** Bytes a second, as the client sees the directions; undefined is without a limit. */
export interface BandwidthLimit {
  readonly upload: number | undefined;
  readonly download: number | undefined;
}

/** Parses `both` or `up:down`. One of the two may be left out: `:1M` limits downloads only. */
export function parseBandwidth(text: string): BandwidthLimit {
  const parts = text.split(':');
  const [upload = '', download = upload] = parts;
  if (parts.length > 2 || `${upload}${download}` === '') {
    throw usageError(`'${text}' is no limit. Write bytes a second such as 10M, or 10M:1M for up and down.`);
  }
  return { upload: rateOf(upload), download: rateOf(download) };
}

function rateOf(text: string): number | undefined {
  if (text === '') return undefined;
  const rate = parseSize(text);
  if (rate > 0) return rate;
  throw usageError('A limit must be at least 1 byte a second.');
}
