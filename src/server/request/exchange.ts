/**
 * An exchange: one request and its answer, as an operation sees them, from `open` to exactly one terminal frame.
 *
 *     accept -> reader.read() | writer.write() ... -> finish | fail
 *     cancelled by the client, or interrupted -> pending reads and writes reject -> fail
 */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type {
  AnswerFields,
  ServerChannel,
  ServerChannelListener,
} from '../../session/channel/server-channel.js';
import { BodyReader } from './body-reader.js';
import { BodyWriter } from './body-writer.js';
import type { ReceiveShare } from './receive-budget.js';
import { StallTimer, type MinRateRule } from './stall-timer.js';

/** What an exchange consists of, besides its channel. */
export interface ExchangeContext {
  /** The part of the receive budget for the client's body; undefined if the request has no body. */
  readonly share: ReceiveShare | undefined;
  /** The id under which only this client can resume the upload; undefined if it cannot be resumed. */
  readonly uploadId: string | undefined;
  readonly pace: MinRateRule;
}

export class Exchange implements ServerChannelListener {
  /** The frame that opened it. */
  readonly request: FrameOf<'open'>;
  readonly uploadId: string | undefined;
  /** Called once if the request is cancelled or interrupted. */
  onCancel: ((error: TransferError) => void) | undefined;
  readonly #channel: ServerChannel;
  readonly #share: ReceiveShare | undefined;
  readonly #pace: MinRateRule;
  #stallClock: StallTimer | undefined;
  #reader: BodyReader | undefined;
  #writer: BodyWriter | undefined;
  #interruption: TransferError | undefined;
  #rejectWait: ((error: TransferError) => void) | undefined;

  constructor(channel: ServerChannel, request: FrameOf<'open'>, { share, uploadId, pace }: ExchangeContext) {
    this.#channel = channel;
    this.request = request;
    this.uploadId = uploadId;
    this.#share = share;
    this.#pace = pace;
    channel.listen(this);
  }

  // For the channel

  onReadable(): void {
    this.#reader?.poll();
  }

  onStop(error: TransferError): void {
    // The connection is lost; the client has not asked for this.
    if (this.#channel.closed) this.#interruption = error;
    this.#rejectWait?.(error);
    this.#reader?.poll();
    this.onCancel?.(error);
  }

  // For operations and their owner

  /** Reads the body of the request. */
  get reader(): BodyReader {
    return (this.#reader ??= new BodyReader(this.#channel, this.#clock, () => this.#truncate()));
  }

  /** Writes the body of the answer. */
  get writer(): BodyWriter {
    return (this.#writer ??= new BodyWriter(this.#channel, this.#clock));
  }

  /** Bytes of body that were sent and received. */
  get bodyBytes(): number {
    return this.#channel.bytesSent + this.#channel.bytesReceived;
  }

  /** Tells the client that the request is being served. */
  accept(fields: AnswerFields<'accept'>): void {
    this.throwIfCancelled();
    const share = this.#share;
    this.#channel.accept(fields, share && ((bytes) => share.widen(bytes)));
  }

  /** Sends an empty `ack`, so that the client's timeout does not end a request that takes long to answer. */
  sendKeepAlive(): void {
    this.#channel.sendKeepAlive();
  }

  /** Bytes that the client may send before they are stored: `askedBytes`, or fewer where the budget is short. */
  receiveWindow(askedBytes: number): number {
    return this.#share?.window(askedBytes) ?? 0;
  }

  /** Waits for another promise, which must not reject, with the time limit that applies to a client's bytes. */
  async waitWithTimeout(other: Promise<void>): Promise<void> {
    this.throwIfCancelled();
    this.#clock.start();
    try {
      await Promise.race([other, new Promise<never>((_, reject) => (this.#rejectWait = reject))]);
    } finally {
      this.#rejectWait = undefined;
      this.#clock.stop();
    }
  }

  /** Stops the request as a cancel does, but the client has not asked for this and may resume it. */
  interrupt(error: TransferError): void {
    if (!this.#channel.failure) this.#interruption = error;
    this.#channel.stop(error);
  }

  /** Throws if the request was cancelled or interrupted. */
  throwIfCancelled(): void {
    if (this.#channel.failure) throw this.#channel.failure;
  }

  /** Whether an error is the one by which the request was cancelled or interrupted. */
  isCancellation(error: unknown): boolean {
    return error !== undefined && error === this.#channel.failure;
  }

  /** Whether an error is the one by which the request was interrupted, and not cancelled. */
  isInterruption(error: unknown): boolean {
    return error !== undefined && error === this.#interruption;
  }

  /** Ends the request well, unless it has ended. */
  finish(fields: AnswerFields<'result'>): void {
    this.#channel.finish(fields);
  }

  /** Ends the request with an error. The client gets the error's path only if that is the target of the request. */
  fail(error: TransferError): void {
    this.#channel.fail(error, error.path === this.request.to ? error.path : undefined);
  }

  /** Stops the timer and returns the receive budget, after the end of the request. */
  release(): void {
    this.#stallClock?.end();
    this.#share?.release();
  }

  get #clock(): StallTimer {
    return (this.#stallClock ??= new StallTimer(
      this.#pace,
      () => this.bodyBytes,
      () => this.interrupt(new TransferError('ETIMEDOUT', 'The transfer makes too little progress.')),
    ));
  }

  #truncate(): TransferError {
    const error = new TransferError('ECONNRESET', 'The body ends before it is complete.');
    this.interrupt(error);
    return error;
  }
}
