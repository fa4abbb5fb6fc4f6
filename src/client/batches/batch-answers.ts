/**
 * The answers to a batch, as they are decoded from the body of the server.
 *
 *     Decoder -> [data payload] result | error -> BatchAnswer
 */
import type { FrameSink } from '../../codecs/codec.js';
import { protocolError, TransferError } from '../../errors.js';
import type { Frame, FrameOf, UnknownFrame } from '../../protocol/frames.js';
import { MAX_BATCHED_FILE_BYTES } from '../../protocol/limits.js';
import { assertErrorCode, receivedError } from '../../session/channel/received-error.js';
import type { BatchedRequest } from './encode-batch.js';

/** The answer to a request of a batch. */
export type BatchAnswer = TransferError | BatchResult;

/** The answer to a request that has succeeded. */
export interface BatchResult {
  readonly result: FrameOf<'result'>;
  /** The bytes of a download. */
  readonly bytes: Buffer;
}

const NONE = Buffer.alloc(0);

export class BatchAnswers implements FrameSink {
  /** Bytes of a file, at most. */
  readonly maxBytes = MAX_BATCHED_FILE_BYTES;
  readonly #requests: readonly BatchedRequest[];
  readonly #answers: BatchAnswer[] = [];
  /** Of the next answer. */
  #bytes: Buffer | undefined;
  #filled = 0;
  #error: TransferError | undefined;

  constructor(requests: readonly BatchedRequest[]) {
    this.#requests = requests;
  }

  /** Throws EPROTO for bytes that are no answers to the requests. */
  throwIfInvalid(): void {
    if (this.#error) throw this.#error;
  }

  /** All answers. Throws EPROTO if the body ends within one. */
  complete(): readonly BatchAnswer[] {
    this.throwIfInvalid();
    if (this.#bytes) throw protocolError('The answer to a batch ends in the middle of a file.');
    return this.#answers;
  }

  // For the decoder

  frame(frame: Frame | UnknownFrame): void {
    if (this.#error || frame.type === 'unknown') return;
    try {
      if (frame.type === 'data') this.#data(frame);
      else if (frame.type === 'result') this.#result(frame);
      else if (frame.type === 'error') this.#failure(frame);
      else throw protocolError(`The answer to a batch must not have a frame of the type ${frame.type}.`);
    } catch (thrown) {
      this.error(TransferError.from(thrown));
    }
  }

  payload(piece: Uint8Array): void {
    const { length = 0 } = this.#bytes ?? {};
    // The payload of a frame of a later version is skipped.
    if (this.#error || this.#filled + piece.length > length) return;
    this.#bytes?.set(piece, this.#filled);
    this.#filled += piece.length;
  }

  error(error: TransferError): void {
    this.#error ??= error;
  }

  get #next(): BatchedRequest | undefined {
    return this.#requests[this.#answers.length];
  }

  #data({ id, length }: FrameOf<'data'>): void {
    this.#assertNext(id);
    const { op, maxBytes = this.maxBytes } = this.#next?.fields ?? { op: '' };
    if (op !== 'download' || this.#bytes || length > maxBytes)
      throw protocolError('The answer to a batch has bytes that its request has not asked for.');
    this.#bytes = Buffer.allocUnsafe(length);
    this.#filled = 0;
  }

  #result(result: FrameOf<'result'>): void {
    this.#assertNext(result.id);
    const bytes = this.#bytes ?? NONE;
    const isDownload = this.#next?.fields.op === 'download';
    if (this.#filled !== bytes.length || (isDownload && result.size !== bytes.length))
      throw protocolError(`A file in a batch has ${bytes.length} bytes instead of ${result.size ?? 'its'}.`);
    this.#answers.push({ result, bytes });
    this.#bytes = undefined;
    this.#filled = 0;
  }

  #failure(error: FrameOf<'error'>): void {
    this.#assertNext(error.id);
    assertErrorCode(error.code);
    this.#answers.push(receivedError(error));
    this.#bytes = undefined;
    this.#filled = 0;
  }

  #assertNext(id: number | undefined): void {
    if (id !== this.#answers.length + 1 || !this.#next)
      throw protocolError(`The next answer of the batch must have the id ${this.#answers.length + 1}.`);
  }
}
