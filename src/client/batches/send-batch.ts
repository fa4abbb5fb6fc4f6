/**
 * One batch: its requests are sent as one body, and answered in another. Nothing of an answer is used before the checksum of
 * that body is compared, so that an answer needs no check of its own.
 *
 *     requests -> encoded body -> channel.send, end
 *     channel -> decoder -> answers, in the order of the requests -> result: same checksum? -> resolve
 */
import { bufferPool } from '../../buffers/buffer-pool.js';
import type { Decoder } from '../../codecs/codec.js';
import { protocolError, TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { assertAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { RequestFields } from '../../session/client-session.js';
import type { CallOptions } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
import { BatchAnswers, type BatchAnswer } from './batch-answers.js';
import { encodeBatch, type BatchedRequest } from './encode-batch.js';

/** A batch to send. */
export interface BatchPlan {
  readonly requests: readonly BatchedRequest[];
  /** Whether its requests change something. */
  readonly isChange: boolean;
}

/** What a server has done with a batch. */
export interface BatchOutcome {
  /** The answers to the first requests. */
  readonly answers: readonly BatchAnswer[];
  /** Number of requests that were carried out, at least that of the answers. */
  readonly count: number;
}

/**
 * Sends a batch. Rejects with the error of the batch itself: with `outcomeUnknown` if some of its requests may have been
 * carried out.
 */
export function sendBatch(
  context: ClientContext,
  plan: BatchPlan,
  options: CallOptions,
): Promise<BatchOutcome> {
  return new Promise((resolve, reject) => {
    const handler = new BatchHandler(context, plan, { resolve, reject });
    handler.start(options);
  });
}

interface Settle {
  resolve(outcome: BatchOutcome): void;
  reject(error: unknown): void;
}

class BatchHandler implements RequestHandler {
  readonly wants = 'body';
  readonly isChange: boolean;
  readonly isSafe: boolean;
  readonly #context: ClientContext;
  readonly #requests: readonly BatchedRequest[];
  readonly #settle: Settle;
  readonly #request: Request;
  readonly #body: Buffer;
  readonly #sum: BodyChecksum;
  #received: BodyChecksum | undefined;
  #answers: BatchAnswers;
  #decoder: Decoder;

  constructor(context: ClientContext, { requests, isChange }: BatchPlan, settle: Settle) {
    this.#context = context;
    this.#requests = requests;
    this.isChange = isChange;
    this.isSafe = !isChange;
    this.#settle = settle;
    this.#body = encodeBatch(context.codec, requests);
    this.#sum = new BodyChecksum(context.checksum);
    this.#sum.update(this.#body);
    this.#answers = new BatchAnswers(requests);
    this.#decoder = this.#newDecoder();
    this.#request = new Request(context, this);
  }

  start(options: CallOptions): void {
    try {
      this.#request.start(options);
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  // Called by the request

  isIdempotent(): boolean {
    return !this.isChange;
  }

  fields(): RequestFields {
    return { op: 'batch', checksum: this.#context.checksum };
  }

  onStart(): void {
    this.#received = undefined;
    this.#answers = new BatchAnswers(this.#requests);
    this.#decoder = this.#newDecoder();
    const { channel } = this.#request;
    channel?.send([this.#body], (error) => {
      // An error of the channel also reaches `onEnd`.
      if (!error) channel.end(this.#sum.bytes, this.#sum.digest());
    });
  }

  onAccept({ checksum }: FrameOf<'accept'>): void {
    assertAlgorithm(this.#context.checksum, checksum);
    this.#received = new BodyChecksum(this.#context.checksum);
  }

  onReadable(): void {
    const { channel } = this.#request;
    if (!channel || !this.#received) return;
    try {
      while (channel.bufferedBytes > 0) {
        const piece = channel.readChunk(channel.bufferedBytes);
        channel.addTo(this.#received, piece);
        this.#decoder.write(piece);
        channel.consumed(piece.length);
        this.#answers.throwIfInvalid();
        this.#throwIfEndless(this.#received.bytes);
        // The answers have copies.
        bufferPool.releaseAll([piece]);
      }
    } catch (thrown) {
      this.#request.fail(TransferError.from(thrown));
    }
  }

  onEnd(outcome: FrameOf<'result'> | TransferError): void {
    if (outcome instanceof TransferError) return this.#settle.reject(this.#errorOf(outcome));
    try {
      this.#settle.resolve(this.#outcomeOf(outcome));
    } catch (error) {
      this.#settle.reject(this.#errorOf(TransferError.from(error)));
    }
  }

  #outcomeOf({ count = 0, bytes, checksum }: FrameOf<'result'>): BatchOutcome {
    if (count > this.#requests.length)
      throw protocolError(`The server has carried out ${count} of ${this.#requests.length} requests.`);
    // A repeated batch has no body, and one that was interrupted only a part of it.
    if (!this.#received || bytes === undefined) return { answers: [], count };
    this.#received.compareAnswer({ bytes, checksum });
    const answers = this.#answers.complete();
    if (answers.length !== count)
      throw protocolError(`The server has answered ${answers.length} of ${count} requests of the batch.`);
    return { answers, count };
  }

  /** Frames of a later version are skipped, but not without end. */
  #throwIfEndless(bytes: number): void {
    const maxAnswerBytes = 2 * this.#context.maxHeaderBytes + this.#answers.maxBytes;
    if (bytes > this.#requests.length * maxAnswerBytes)
      throw new TransferError('EFLOOD', `The answer to a batch has more than ${bytes} bytes.`);
  }

  #errorOf(error: TransferError): TransferError {
    return TransferError.from(error, { operation: 'batch' });
  }

  #newDecoder(): Decoder {
    const { codec, maxHeaderBytes } = this.#context;
    return codec.decoder(this.#answers, { maxHeaderBytes, maxFrameBytes: this.#answers.maxBytes });
  }
}
