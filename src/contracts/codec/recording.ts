/** Records the output of a decoder, for the codec contract. */
import assert from 'node:assert/strict';
import type { Codec, DecoderLimits } from '../../codecs/codec.js';
import type { TransferError } from '../../errors.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';

/** A frame with all of its payload. */
export interface Decoded {
  frame: Frame | UnknownFrame;
  payload: Buffer;
}

/** Limits above all samples. */
export const ampleLimits: DecoderLimits = { maxHeaderBytes: 16_384, maxFrameBytes: 1_048_576 };

/** A decoder with a record of its output. It asserts the rules that hold for every decoder at any time. */
export class Recording {
  readonly frames: Decoded[] = [];
  error: TransferError | undefined;
  #payloadLeft = 0;
  readonly #decoder;

  constructor(codec: Codec, limits: DecoderLimits = ampleLimits) {
    this.#decoder = codec.decoder(
      {
        frame: (frame) => this.#onFrame(frame),
        payload: (piece) => this.#onPayload(piece),
        error: (error) => this.#onError(error),
      },
      limits,
    );
  }

  /** Bytes of payload of the last frame so far. */
  get payloadBytes(): number {
    return this.frames.at(-1)?.payload.length ?? 0;
  }

  write(bytes: Uint8Array): this {
    this.#decoder.write(bytes);
    return this;
  }

  /** Writes in pieces of `pieceBytes` through one reused buffer. */
  writeInPieces(bytes: Uint8Array, pieceBytes: number): this {
    const reused = Buffer.alloc(pieceBytes);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      reused.set(piece);
      this.write(reused.subarray(0, piece.length));
      reused.fill(0x0a);
    }
    return this;
  }

  #onFrame(frame: Frame | UnknownFrame): void {
    assert.equal(this.error, undefined, 'a frame follows an error');
    assert.equal(this.#payloadLeft, 0, 'a frame follows before the payload of the last frame is complete');
    this.#payloadLeft = 'length' in frame ? (frame.length ?? 0) : 0;
    this.frames.push({ frame, payload: Buffer.alloc(0) });
  }

  #onPayload(piece: Uint8Array): void {
    assert.equal(this.error, undefined, 'payload follows an error');
    assert.ok(piece.length > 0, 'a piece of payload is empty');
    assert.ok(piece.length <= this.#payloadLeft, 'there is more payload than the length of the frame');
    this.#payloadLeft -= piece.length;
    const last = this.frames.at(-1);
    assert.ok(last);
    last.payload = Buffer.concat([last.payload, piece]);
  }

  #onError(error: TransferError): void {
    assert.equal(this.error, undefined, 'a second error is reported');
    this.error = error;
  }
}

/** The bytes of a frame with its payload and trailer. */
export function bytesOf(codec: Codec, frame: Frame, payload: Uint8Array = new Uint8Array()): Buffer {
  const trailer = frame.type === 'data' ? codec.payloadTrailer : new Uint8Array();
  return Buffer.concat([codec.encode(frame), payload, trailer]);
}
