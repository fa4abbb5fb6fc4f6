/** The segments of a file that is downloaded over several connections. */

/** Smallest file that is downloaded in segments: below, more connections gain less than they cost. */
export const MIN_SEGMENTED_BYTES = 8 * 1024 * 1024;

/** Small, so that all connections end at about the same time; a multiple of the block size of file systems. */
const MIN_SEGMENT_BYTES = 1024 * 1024;

/** Segments of a file: the metadata file has a line for each. Larger files have larger segments. */
export const MAX_SEGMENTS = 4_096;

/** Bytes of each segment of a file but the last one. */
export function segmentSizeOf(size: number): number {
  return MIN_SEGMENT_BYTES * Math.ceil(size / (MIN_SEGMENT_BYTES * MAX_SEGMENTS));
}

/** Number of segments of a file. */
export function segmentCount(size: number, segmentBytes: number): number {
  return Math.ceil(size / segmentBytes);
}
