/** How much of a file is read at once, so that many downloads together read ahead no more than the server affords. */

const KIB = 1024;

/** Bytes that all downloads together read ahead. */
const READ_AHEAD_BYTES = 64 * KIB * KIB;

/** Bytes at most: each read costs a trip through the thread pool, and below this the trips are what one waits for. */
const MAX_BYTES = 256 * KIB;

const MIN_BYTES = 64 * KIB;

/** Bytes to read at once, for each of so many requests. */
export function chunkBytes(activeRequests: number): number {
  // One piece is being read while another is being sent.
  const part = READ_AHEAD_BYTES / 2 / Math.max(1, activeRequests);
  return Math.max(MIN_BYTES, Math.min(MAX_BYTES, Math.floor(part)));
}
