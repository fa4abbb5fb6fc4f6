/**
 * The gaps of a receiver report as a text, which is short because most gaps are: for each gap the numbers that lie between
 * it and the one before, or for the first one its start; and `+` and its length, unless that is 1.
 *
 *     [[901, 2], [920, 1]] <-> '901+2 17'
 */
import { protocolError } from '../../errors.js';
import { parseInteger } from '../../protocol/fields.js';
import { MAX_REPORTED_GAPS, type Gap } from '../../udp/report.js';

/** Undefined if there are no gaps. */
export function formatGaps(gaps: readonly Gap[]): string | undefined {
  if (gaps.length === 0) return undefined;
  let end = 0;
  const words = gaps.map(([start, length]) => {
    const distance = start - end;
    end = start + length;
    return length === 1 ? `${distance}` : `${distance}+${length}`;
  });
  return words.join(' ');
}

/** Throws EPROTO for any other text than one that `formatGaps` can return. */
export function parseGaps(text: string | undefined): Gap[] {
  if (text === undefined) return [];
  const words = text.split(' ', MAX_REPORTED_GAPS + 1);
  if (words.length > MAX_REPORTED_GAPS)
    throw protocolError(`A receiver report has more than ${MAX_REPORTED_GAPS} gaps.`);
  let end = 0;
  return words.map((word) => {
    const [distance, length, ...others] = word.split('+').map(parseInteger);
    const hasLength = word.includes('+');
    if (distance === undefined || others.length > 0 || (hasLength && (length === undefined || length < 2)))
      throw protocolError('The gaps of a receiver report are not in their form.');
    const start = end + distance;
    end = start + (length ?? 1);
    if (!Number.isSafeInteger(end)) throw protocolError('A gap of a receiver report exceeds 2^53 - 1.');
    return [start, length ?? 1] as const;
  });
}
