/** The part of a file that the header Range asks for. */

export interface ByteRange {
  readonly from: number;
  /** The first byte that is not part of it. */
  readonly to: number;
}

/**
 * The part of a file of `size` bytes; undefined for the whole file, null if the file has no such part. A header with several
 * ranges, or with an error, is answered with the whole file, as RFC 9110 allows.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange | undefined | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  if (first === '') {
    const from = Math.max(0, size - Number(last));
    return from < size ? { from, to: size } : null;
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  const from = Number(first);
  const to = last === '' ? size : Math.min(size, Number(last) + 1);
  return from < size ? { from, to } : null;
}
