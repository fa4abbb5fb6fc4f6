/** Detects the codec of a connection from its first bytes, which are the client's `hello`. */
import type { Codec } from './codec.js';

/** Bytes within which every codec must be detected. */
export const DETECTION_BYTES = 16;

/**
 * The first codec that detects these bytes; `undefined` if more bytes are needed, `null` if none does. A codec without
 * `detect` is never detected.
 */
export function detectCodec(codecs: readonly Codec[], firstBytes: Uint8Array): Codec | null | undefined {
  const bytes = firstBytes.subarray(0, DETECTION_BYTES);
  for (const codec of codecs) {
    const verdict = codec.detect ? codec.detect(bytes) : false;
    if (verdict) return codec;
    // If several codecs match, the first one wins, so a later one must wait for the decision of this one.
    if (verdict === undefined && bytes.length < DETECTION_BYTES) return undefined;
  }
  return null;
}
