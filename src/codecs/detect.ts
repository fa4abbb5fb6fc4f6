/** Recognises what a connection speaks from its first bytes: the client speaks first, with a `hello`. */
import type { Codec } from './codec.js';

/** Bytes within which every codec must know its own: the longest prefix worth waiting for. */
export const DETECTION_BYTES = 16;

/**
 * The first of the codecs that a connection beginning with these bytes speaks; `undefined` while more bytes are needed,
 * `null` if it is none of them. A codec without `detect` is never recognised.
 */
export function detectCodec(codecs: readonly Codec[], firstBytes: Uint8Array): Codec | null | undefined {
  const bytes = firstBytes.subarray(0, DETECTION_BYTES);
  for (const codec of codecs) {
    const verdict = codec.detect ? codec.detect(bytes) : false;
    if (verdict) return codec;
    // The order of the codecs decides where two would do, so a later one has to wait for an earlier one's answer.
    if (verdict === undefined && bytes.length < DETECTION_BYTES) return undefined;
  }
  return null;
}
