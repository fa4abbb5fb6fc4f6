/**
 * The requests in the body of a batch.
 *
 *     bytes of the body -> Decoder -> open [data payload] -> BatchedRequest
 */
import type { Codec, Decoder, FrameSink } from '../../../codecs/codec.js';
import { protocolError, type TransferError } from '../../../errors.js';
import { compareCheck } from '../../../protocol/frame-check.js';
import type { Frame, FrameOf, UnknownFrame } from '../../../protocol/frames.js';
import { MAX_BATCHED_FILE_BYTES, MAX_HEADER_BYTES } from '../../../protocol/limits.js';

/** A request of a batch. */
export interface BatchedRequest {
  readonly request: FrameOf<'open'>;
  /** The bytes of an upload. */
  readonly bytes: Buffer;
}

const NONE = Buffer.alloc(0);

export class BatchRequests implements FrameSink {
  readonly #codec: Codec;
  readonly #decoder: Decoder;
  /** Undefined before the first header. */
  #hasChecks: boolean | undefined;
  #complete: BatchedRequest[] = [];
  #lastId = 0;
  /** The upload whose bytes are missing. */
  #upload: BatchedRequest | undefined;
  #filled = 0;
  #hasData = false;
  #error: TransferError | undefined;

  constructor(codec: Codec) {
    this.#codec = codec;
    const limits = { maxHeaderBytes: MAX_HEADER_BYTES, maxFrameBytes: MAX_BATCHED_FILE_BYTES };
    this.#decoder = codec.decoder(this, limits);
  }

  /**
   * The requests that these bytes complete. Throws EPROTO for bytes or frames that are not allowed, EBADMSG for a damaged
   * header, EMSGSIZE for a file that is too large; then nothing in these bytes is trusted.
   */
  decode(piece: Uint8Array): BatchedRequest[] {
    this.#decoder.write(piece);
    if (this.#error) throw this.#error;
    const complete = this.#complete;
    this.#complete = [];
    return complete;
  }

  /** Throws EPROTO if the body ends within an upload. */
  end(): void {
    if (this.#upload) throw protocolError('The body of the batch ends before the bytes of its last upload.');
  }

  // For the decoder

  frame(frame: Frame | UnknownFrame): void {
    if (this.#error) return;
    try {
      this.#compareCheck(frame);
      if (frame.type === 'open') this.#open(frame);
      else if (frame.type === 'data') this.#data(frame);
      else if (frame.type !== 'unknown')
        throw protocolError(`The body of a batch must not have a frame of the type ${frame.type}.`);
    } catch (thrown) {
      this.error(thrown as TransferError);
    }
  }

  payload(piece: Uint8Array): void {
    const { bytes } = this.#upload ?? {};
    // The payload of a frame of a later version is skipped.
    if (!bytes || !this.#hasData || this.#error) return;
    bytes.set(piece, this.#filled);
    this.#filled += piece.length;
    if (this.#filled === bytes.length) this.#finish();
  }

  error(error: TransferError): void {
    this.#error ??= error;
  }

  #compareCheck(frame: Frame | UnknownFrame): void {
    if (this.#codec.hasHeaderChecksum || frame.type === 'unknown') return;
    this.#hasChecks ??= 'check' in frame && frame.check !== undefined;
    compareCheck(frame, this.#hasChecks);
  }

  #open(request: FrameOf<'open'>): void {
    this.end();
    if (request.id !== this.#lastId + 1)
      throw protocolError(`The next request of the batch must have the id ${this.#lastId + 1}.`);
    this.#lastId = request.id;
    const { op, size = 0 } = request;
    if (op !== 'upload' || size === 0) return void this.#complete.push({ request, bytes: NONE });
    // A larger one is refused with the header of its bytes.
    this.#upload = { request, bytes: Buffer.allocUnsafe(Math.min(size, MAX_BATCHED_FILE_BYTES)) };
    this.#filled = 0;
  }

  #data({ id, length }: FrameOf<'data'>): void {
    const { request } = this.#upload ?? {};
    if (request?.id !== id || request.size !== length || this.#hasData)
      throw protocolError('The bytes in the batch are not those that its last request has announced.');
    this.#hasData = true;
  }

  #finish(): void {
    if (this.#upload) this.#complete.push(this.#upload);
    this.#upload = undefined;
    this.#hasData = false;
  }
}
