/**
 * One request and its answer, as an operation sees them, from `open` to exactly one terminal frame.
 *
 *     accept -> reader.read() | write() ... -> finish | fail
 *     cancelled by the client, or interrupted -> pending reads and writes reject -> fail
 */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { INITIAL_WINDOW_BYTES, MIN_PATH_BODY_BYTES } from '../../protocol/limits.js';
import type {
  AnswerFields,
  ServerChannel,
  ServerChannelListener,
} from '../../session/channel/server-channel.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import { BodyReader } from './body-reader.js';
import { HandlerDuplex } from './handler-duplex.js';
import type { ReceiveShare } from './receive-budget.js';
import { KeepAliveState, StepCounter, type KeepAliveLimits } from './request-keep-alive.js';
import { StallTimer, type MinRateRule } from './stall-timer.js';

export interface ExchangeContext {
  /** The part of the receive budget for the client's body; undefined if the request has no body. */
  readonly share: ReceiveShare | undefined;
  /** The id under which only this client can resume the upload; undefined if it cannot be resumed. */
  readonly uploadId: string | undefined;
  /** The id of the request in events. */
  readonly requestId: string;
  readonly minRate: MinRateRule;
}

export class Exchange implements ServerChannelListener {
  readonly request: FrameOf<'open'>;
  readonly uploadId: string | undefined;
  readonly requestId: string;
  /** Called once if the request is cancelled or interrupted. */
  onCancel: ((error: TransferError) => void) | undefined;
  /** Bytes of an upload that the storage has, those of earlier attempts included; undefined before the upload starts. */
  storedBytes: number | undefined;
  /** Whether the server waits for something that need never happen, such as a change: it sends no acks. */
  isIdle = false;
  /** Names that a listing has left out. */
  omitted = 0;
  /** Whether the work continues after the loss of the connection, because its answer is remembered. */
  outlivesConnection = false;
  /** Why the work is to stop, if it is. */
  abortion: TransferError | undefined;
  readonly #channel: ServerChannel;
  readonly #share: ReceiveShare | undefined;
  readonly #minRate: MinRateRule;
  #timer: StallTimer | undefined;
  #reader: BodyReader | undefined;
  #duplex: HandlerDuplex | undefined;
  #interruption: TransferError | undefined;
  #hookStops: Set<(error: TransferError) => void> | undefined;
  #rejectWait: ((error: TransferError) => void) | undefined;
  #steps: StepCounter | undefined;
  /** Created on demand: most requests end before the first keep-alive. */
  #keepAlive: KeepAliveState | undefined;
  /** Created on demand: most work has no use for a signal. */
  #controller: AbortController | undefined;

  constructor(channel: ServerChannel, request: FrameOf<'open'>, context: ExchangeContext) {
    this.#channel = channel;
    this.request = request;
    this.uploadId = context.uploadId;
    this.requestId = context.requestId;
    this.#share = context.share;
    this.#minRate = context.minRate;
    channel.listen(this);
  }

  // For the channel

  onReadable(): void {
    this.#reader?.poll();
    this.#duplex?.pump();
  }

  onStop(error: TransferError): void {
    // The connection is lost; the client did not cancel.
    if (this.#channel.closed) this.#interruption = error;
    this.#rejectWait?.(error);
    this.#reader?.poll();
    for (const stop of this.#hookStops ?? []) stop(error);
    this.#duplex?.stop(error);
    if (!this.#channel.closed || !this.outlivesConnection) this.abort(error);
    this.onCancel?.(error);
  }

  // For operations and QueuedRequest

  get reader(): BodyReader {
    return (this.#reader ??= new BodyReader(this.#channel, this.#stallTimer, () => this.#truncate()));
  }

  /** Both bodies of an accepted request as a Duplex. Called once. */
  openDuplex(algorithm: ChecksumAlgorithm): HandlerDuplex {
    return (this.#duplex = new HandlerDuplex(this.#channel, algorithm, {
      // Silence is no stall: only bytes that the client does not take are.
      onSending: (isSending) => (isSending ? this.#stallTimer.start() : this.#stallTimer.stop()),
      abort: (error) => this.abort(error),
    }));
  }

  /**
   * Sends a chunk of the response body, which must not change any more; resolves when the connection has taken it.
   *
   * @param checksum - of the body before it
   */
  write(chunk: Uint8Array, checksum?: string): Promise<void> {
    return this.#send(chunk, () => undefined, checksum);
  }

  /** Sends the last chunk, and the result right behind it. */
  writeLast(chunk: Uint8Array, result: AnswerFields<'result'>): Promise<void> {
    return this.#send(chunk, () => this.#channel.finish(result));
  }

  /** Shows the client that all bytes so far are right, when the last `write` has resolved. */
  sendChecksum(checksum: string | undefined): void {
    if (checksum !== undefined) this.#channel.sendChecksum(checksum);
  }

  /** Aborted, with a TransferError, when the work is to stop. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.abortion) this.#controller.abort(this.abortion);
    }
    return this.#controller.signal;
  }

  /** Tells the work to stop. */
  abort(error: TransferError): void {
    if (this.abortion) return;
    this.abortion = error;
    this.#controller?.abort(error);
  }

  throwIfAborted(): void {
    if (this.abortion) throw this.abortion;
  }

  /**
   * Calls `stop` if the request is cancelled or interrupted while a hook works on it. A hook has a time limit of its own, and
   * counts as progress until it ends: until the returned function is called.
   */
  enterHook(stop: (error: TransferError) => void): () => void {
    const stops = (this.#hookStops ??= new Set());
    stops.add(stop);
    return () => void stops.delete(stop);
  }

  /** Lets the client send so many bytes of its body before `accept`. EAGAIN if the budget is short. */
  grantEarly(bytes: number): void {
    if (bytes <= INITIAL_WINDOW_BYTES) return;
    if (this.receiveWindow(bytes) < bytes)
      throw new TransferError(
        'EAGAIN',
        'The server has no receive buffer left for the body. Try again later.',
      );
    this.#channel.grantEarly(bytes);
  }

  /** In both directions. */
  get bodyBytes(): number {
    return this.#channel.bytesSent + this.#channel.bytesReceived;
  }

  /** A number that increases with each step of the work, and with each byte of body. */
  get steps(): number {
    return this.bodyBytes + (this.#steps?.steps ?? 0);
  }

  /** Starts the answer; with a `window` the client may send its body. */
  accept(fields: AnswerFields<'accept'>): void {
    this.throwIfCancelled();
    const share = this.#share;
    this.#channel.accept(fields, share && ((bytes) => share.widen(bytes)));
  }

  expectBody(bytes: number): void {
    this.#channel.prefersPath = bytes >= MIN_PATH_BODY_BYTES;
  }

  /** To be called after each step of the work: each entry that was read, each chunk that was copied. */
  get onProgress(): () => void {
    return (this.#steps ??= new StepCounter()).count;
  }

  /**
   * Sends an empty `ack` if that is due, so that the client does not time out. To be called at intervals.
   *
   * @param otherSteps - progress of work for which the request waits
   */
  sendKeepAlive(limits: KeepAliveLimits, otherSteps: number): void {
    if (this.isIdle) return;
    // The client does not wait for the server while the server waits for the client.
    if (this.#timer?.isWaiting === true && !this.#rejectWait) return;
    if (this.#hookStops?.size) this.onProgress();
    if (this.#isSilent) return;
    this.#keepAlive ??= new KeepAliveState();
    const progress = { bytes: this.bodyBytes, steps: (this.#steps?.steps ?? 0) + otherSteps };
    if (this.#keepAlive.isDue(progress, limits)) this.#channel.sendKeepAlive();
  }

  /** Bytes that the client may send before they are stored: `askedBytes`, or fewer if the budget is short. */
  receiveWindow(askedBytes: number): number {
    return this.#share?.window(askedBytes, this.#channel.overPath) ?? 0;
  }

  /** Waits for a promise, which must not reject. The wait counts toward the stall timeout. */
  async waitWithTimeout(other: Promise<void>): Promise<void> {
    this.throwIfCancelled();
    this.#stallTimer.start();
    try {
      await Promise.race([other, new Promise<never>((_, reject) => (this.#rejectWait = reject))]);
    } finally {
      this.#rejectWait = undefined;
      this.#stallTimer.stop();
    }
  }

  /** Stops the request like a cancel by the server: the client may resume it. */
  interrupt(error: TransferError): void {
    if (!this.#channel.failure) this.#interruption = error;
    this.#channel.stop(error);
  }

  throwIfCancelled(): void {
    if (this.#channel.failure) throw this.#channel.failure;
  }

  /** Whether the request was cancelled or interrupted with this error. */
  isCancellation(error: unknown): boolean {
    return error !== undefined && error === this.#channel.failure;
  }

  /** Whether the request was interrupted, and not cancelled, with this error. */
  isInterruption(error: unknown): boolean {
    return error !== undefined && error === this.#interruption;
  }

  /** Ends the request with a result, unless it has ended. */
  finish(fields: AnswerFields<'result'>): void {
    this.#channel.finish(fields);
  }

  /** Ends the request with an error. The client gets the error's path only if that is the request's `to`. */
  fail(error: TransferError): void {
    this.#channel.fail(error, error.path === this.request.to ? error.path : undefined);
  }

  /** Stops the timer and releases the receive budget, after the end of the request. */
  release(): void {
    this.#timer?.end();
    this.#share?.release();
  }

  /** Whether the client of a stream method waits neither for room nor for the result: it needs no sign of life. */
  get #isSilent(): boolean {
    const { clientState, bufferedBytes } = this.#channel;
    if (!this.#duplex || bufferedBytes > 0 || clientState === 'cancelled') return false;
    return clientState === 'sending' || !this.#duplex.writableFinished;
  }

  get #stallTimer(): StallTimer {
    return (this.#timer ??= new StallTimer(
      this.#minRate,
      () => (this.#duplex ? this.#channel.bytesSent : this.bodyBytes),
      () => this.interrupt(new TransferError('ETIMEDOUT', 'The client is too slow: the transfer stalled.')),
    ));
  }

  #send(chunk: Uint8Array, onSent: () => void, checksum?: string): Promise<void> {
    const { failure } = this.#channel;
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.#stallTimer.start();
      const onDone = (error?: TransferError): void => {
        this.#stallTimer.stop();
        try {
          if (error) throw error;
          onSent();
          resolve();
        } catch (thrown) {
          reject(TransferError.from(thrown));
        }
      };
      this.#channel.send([chunk], onDone, checksum);
    });
  }

  #truncate(): TransferError {
    const error = new TransferError('ECONNRESET', 'The connection ended before the end of the body.');
    this.interrupt(error);
    return error;
  }
}
