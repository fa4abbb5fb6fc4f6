/** How much of a file is read at once, so that many downloads together read ahead no more than the server affords. */

const KIB = 1024;

/** Bytes that all downloads together read ahead. */
const READ_AHEAD_BYTES = 64 * KIB * KIB;

/** Bytes at most: each read costs a trip through the thread pool, and beyond this more memory is no faster. */
const MAX_BYTES = 512 * KIB;

/** Bytes at least: below this the trips are what one waits for. */
const MIN_BYTES = 64 * KIB;

/** Chunks of one download: one is being read, one waits for its turn, and one is on its way. */
const CHUNKS = 3;

/** Bytes to read at once, for each of so many requests: few sizes, so that one's buffers fit another. */
export function chunkBytes(activeRequests: number): number {
  const part = READ_AHEAD_BYTES / CHUNKS / Math.max(1, activeRequests);
  let bytes = MAX_BYTES;
  while (bytes > part && bytes > MIN_BYTES) bytes /= 2;
  return bytes;
}
