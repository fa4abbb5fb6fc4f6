/** The body of a batch: an `open` for each request, and the bytes of each upload behind its `open`. */
import type { Codec } from '../../codecs/codec.js';
import { frameCheck, isChecked } from '../../protocol/frame-check.js';
import type { Frame } from '../../protocol/frames.js';
import type { RequestFields } from '../../session/client-session.js';

/** A request of a batch. */
export interface BatchedRequest {
  readonly fields: RequestFields;
  /** The bytes of an upload, at most `MAX_BATCHED_FILE_BYTES`. Its `fields` have their `size`. */
  readonly bytes?: Uint8Array | undefined;
}

export function encodeBatch(codec: Codec, requests: readonly BatchedRequest[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const [index, { fields, bytes }] of requests.entries()) {
    const id = index + 1;
    pieces.push(encode(codec, { type: 'open', id, ...fields }));
    if (!bytes || bytes.length === 0) continue;
    pieces.push(encode(codec, { type: 'data', id, length: bytes.length }), bytes, codec.payloadTrailer);
  }
  return Buffer.concat(pieces);
}

/** The server acts on a header before it can compare the checksum of the body. */
function encode(codec: Codec, frame: Frame): Uint8Array {
  if (!codec.hasHeaderChecksum && isChecked(frame)) frame.check = frameCheck(frame);
  return codec.encode(frame);
}
