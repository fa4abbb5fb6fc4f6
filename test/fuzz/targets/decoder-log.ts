/** The output of a decoder as a text to compare, with the invariants of every decoder. */
import assert from 'node:assert/strict';
import type { Codec, DecoderLimits, FrameSink } from '../../../src/codecs/codec.js';
import type { TransferError } from '../../../src/errors.js';
import type { Frame, UnknownFrame } from '../../../src/protocol/frames.js';

export class DecoderLog implements FrameSink {
  /** Every frame and payload so far, and the error. */
  text = '';
  readonly frames: (Frame | UnknownFrame)[] = [];
  failure: TransferError | undefined;
  readonly #limits: DecoderLimits;
  readonly #decoder;
  #payloadLeft = 0;
  #silentBytes = 0;

  constructor(codec: Codec, limits: DecoderLimits) {
    this.#limits = limits;
    this.#decoder = codec.decoder(this, limits);
  }

  write(bytes: Uint8Array): void {
    this.#decoder.write(bytes);
  }

  /** Writes byte by byte, which shows how many bytes a decoder buffers before it reports them. */
  writeSingly(bytes: Uint8Array): void {
    const single = Buffer.alloc(1);
    for (const byte of bytes) {
      single[0] = byte;
      this.#silentBytes += 1;
      this.write(single);
      // The bytes after a payload belong to no header.
      const isHeld = this.failure === undefined && this.#silentBytes > this.#limits.maxHeaderBytes + 1;
      assert.ok(!isHeld, `more than a header of ${this.#limits.maxHeaderBytes} bytes is held`);
    }
  }

  frame(frame: Frame | UnknownFrame): void {
    this.#note('a frame');
    assert.equal(this.#payloadLeft, 0, 'a frame comes before the payload announced last is complete');
    this.#payloadLeft = 'length' in frame ? (frame.length ?? 0) : 0;
    assert.ok(this.#payloadLeft <= this.#limits.maxFrameBytes, 'a payload over the limit is announced');
    this.frames.push(frame);
    this.text += `${JSON.stringify(frame)}\n`;
  }

  payload(piece: Uint8Array): void {
    this.#note('payload');
    assert.ok(piece.length > 0, 'a piece of payload is empty');
    assert.ok(piece.length <= this.#payloadLeft, 'more payload is told than was announced');
    this.#payloadLeft -= piece.length;
    this.text += Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
  }

  error(error: TransferError): void {
    this.#note('an error');
    this.failure = error;
    // Messages may differ: with shorter pieces an invalid header is detected earlier.
    this.text += error.code;
  }

  #note(what: string): void {
    assert.equal(this.failure, undefined, `${what} follows an error`);
    this.#silentBytes = 0;
  }
}
