/**
 * One request, from `start` to exactly one `onEnd`, on as many connections as it takes.
 *
 *     start -> dispatcher.dispatch -> begin: opens a channel -> onClose: the result or an error -> handler.onEnd
 *                                       ^                    -> onLost: the connection is gone
 *                                       +-- dispatcher.retry <-'   (or handler.onEnd if it must not be repeated)
 *
 *     this end's program pauses -> the server ends the channel -> no channel -> resume -> dispatcher.dispatch -> begin
 *     it does not pause         -> the server ends the channel with ETIMEDOUT   -> dispatcher.retry, with a delay
 */
import { nextTick } from '../../clock.js';
import { TransferError, withOutcome } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ClientChannel, ClientChannelListener } from '../../session/channel/client-channel.js';
import { checkedError } from '../../session/channel/checked-error.js';
import type { RequestFields } from '../../session/client-session.js';
import { throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';
import { assertAnswerFields, checkedResult } from '../../session/channel/answer-fields.js';
import type { Backoff } from '../connection/backoff.js';
import type { ClientConnection } from '../connection/client-connection.js';
import type { Node } from '../../collections/linked-list.js';
import type { DispatchedRequest } from '../connection/dispatched-request.js';
import type { ClientContext } from './client-context.js';
import type { RequestHandler } from './request-handler.js';
import { StallWatch } from './stall-watch.js';

export class Request implements DispatchedRequest, ClientChannelListener {
  node: Node<DispatchedRequest> | undefined;
  backoff: Backoff | undefined;
  readonly #context: ClientContext;
  readonly #handler: RequestHandler;
  #channel: ClientChannel | undefined;
  #fields: RequestFields = { op: '' };
  #accepted = false;
  #ended = false;
  #isAnswered = false;
  #connection: ClientConnection | undefined;
  /** The furthest progress that was counted. */
  #furthest = 0;
  #removeAbortListener: (() => void) | undefined;
  #stallWatch: StallWatch | undefined;
  #isPaused = false;
  /** Whether the server has ended an accepted channel, to be continued. */
  #hasStalled = false;
  /** The ETIMEDOUT after which the last channel was repeated: its storage may have lost what it had. */
  #timeout: TransferError | undefined;

  constructor(context: ClientContext, handler: RequestHandler) {
    this.#context = context;
    this.#handler = handler;
  }

  /** The channel on the current connection, if there is one. */
  get channel(): ClientChannel | undefined {
    return this.#channel;
  }

  /** Whether the server has answered this request in a way that has ended it. Not after any other error. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Calls `prepare`, then dispatches. Throws a TypeError for a wrong option; every other error goes to `onEnd`. */
  start(options: CallOptions, prepare?: () => void): void {
    const { dispatcher } = this.#context;
    try {
      prepare?.();
      this.#furthest = this.#progress;
      throwIfAborted(options.signal);
      this.#removeAbortListener = onAbortOrTimeout(options, dispatcher.timers, (error) =>
        this.#ended ? this.#handler.onTimeout?.(error) : this.fail(error),
      );
      dispatcher.dispatch(this);
    } catch (thrown) {
      if (thrown instanceof TypeError) throw thrown;
      this.#failSoon(thrown);
    }
  }

  /** The program reads or writes: a paused request gets another channel. */
  resume(): void {
    if (this.#isPaused) this.#dispatchAgain();
  }

  /** Ends the request with an error of this end. */
  fail(error: TransferError): void {
    if (this.#ended) return;
    const isSent = this.#channel !== undefined && !this.#channel.queued;
    this.cancel();
    this.#handler.onInterrupt?.(isSent);
    this.#handler.onEnd(isSent && this.#handler.isSafe === false ? withOutcome(error, true) : error);
  }

  /** Ends the request without `onEnd`. */
  cancel(): void {
    this.#finish();
    this.#channel?.cancel();
  }

  // Called by the dispatcher

  begin(connection: ClientConnection): void {
    try {
      this.#connection = connection;
      this.#accepted = false;
      this.#stallWatch = undefined;
      this.#fields = this.#handler.fields();
      this.#channel = connection.session.request(this.#fields, this.#handler.wants, this);
      this.#handler.onStart?.();
    } catch (thrown) {
      this.#failSoon(thrown);
    }
  }

  checkTimeout(nowMs: number): void {
    if (!this.#channel) return;
    this.#stallWatch ??= new StallWatch(
      this.#channel,
      this.#context.timeouts,
      this.#handler.isShort === true,
    );
    const error = this.#stallWatch.check(nowMs, this.#accepted);
    if (error) this.fail(error);
  }

  // Called by the channel

  onAccept(frame: FrameOf<'accept'>): void {
    this.#accepted = true;
    if (this.#ended) return;
    try {
      assertAnswerFields(this.#fields, frame);
      this.#handler.onAccept?.(frame);
    } catch (thrown) {
      this.#isAnswered = true;
      this.fail(this.#reasonOf(TransferError.from(thrown)));
    }
  }

  onReadable(): void {
    if (this.#ended) return;
    if (this.#connection) this.#connection.record.progressed = true;
    this.#handler.onReadable?.();
  }

  onCrowded(): boolean {
    if (this.#ended || this.#handler.canGiveUpPlace?.() !== true) return false;
    this.#channel?.abandon();
    this.#hasStalled = true;
    this.#pause();
    return true;
  }

  onAck(offset: number): void {
    if (this.#ended) return;
    this.#handler.onAck?.(offset);
    // An ack that acknowledges no further byte is a sign of life, but no progress.
    if (this.#connection && this.#progress > this.#furthest) this.#connection.record.progressed = true;
  }

  onClose(outcome: FrameOf<'result'> | TransferError): void {
    if (this.#ended) return;
    if (outcome instanceof TransferError) {
      if (isStall(outcome) && this.#handler.canPause?.()) return this.#handleStall(outcome);
      if (this.#isRefused(outcome) && this.#handler.isIdempotent()) return this.#handleLoss(outcome, true);
    }
    this.#connection?.record.onAnswer();
    if (outcome instanceof TransferError && this.#repeats(outcome)) return;
    this.#isAnswered = true;
    if (this.#handler.onTimeout) this.#release();
    else this.#finish();
    if (!(outcome instanceof TransferError))
      return this.#handler.onEnd(checkedResult(this.#fields, outcome, this.#accepted));
    this.#handler.onEnd(this.#reasonOf(checkedError(outcome, this.#fields)));
  }

  onViolation(error: TransferError): void {
    this.#isAnswered = true;
    this.fail(this.#reasonOf(error));
  }

  onLost(error: TransferError): void {
    this.#timeout = undefined;
    this.#handleLoss(error, error.outcomeUnknown);
  }

  #isRefused({ code }: TransferError): boolean {
    // A server that closes stops its requests; another server can serve them, as after a lost connection.
    if (code === 'ESHUTDOWN') return true;
    // The request was accepted before it stalled, and now the server has no place for it.
    return this.#hasStalled && !this.#accepted && (code === 'EAGAIN' || code === 'EBUSY');
  }

  /** The server's error of an upload that is gone because it has timed out before is that of the time-out. */
  #reasonOf(error: TransferError): TransferError {
    return error.code === 'EGONE' ? (this.#timeout ?? error) : error;
  }

  #handleStall(error: TransferError): void {
    this.#hasStalled = true;
    if (!this.#handler.wantsMore?.()) return this.#pause();
    // The program does not pause: something else does, such as a storage, and may do so again.
    this.#timeout = checkedError(error, this.#fields);
    this.#handleLoss(this.#timeout, true);
  }

  #handleLoss(error: TransferError, isSent: boolean): void {
    const queued = this.#channel?.queued === true;
    if (!this.#ended) this.#handler.onInterrupt?.(isSent);
    this.#channel = undefined;
    if (this.#ended) return;
    const isRepeatable = this.#handler.isIdempotent() || !error.outcomeUnknown;
    if (this.#retry(error, { queued, isRepeatable })) return;
    this.#finish();
    this.#handler.onEnd(isRepeatable || this.#handler.isSafe !== false ? withOutcome(error, false) : error);
  }

  /** Returns whether the request is sent again, if it has an attempt left. */
  #retry(error: TransferError, { queued = false, isRepeatable = true } = {}): boolean {
    const connection = this.#connection;
    const bytes = this.#takeProgress();
    connection?.record.onBytes(bytes);
    if (!connection || !isRepeatable) return false;
    return this.#context.dispatcher.retry(this, { error, connection, progressed: bytes > 0, queued });
  }

  get #progress(): number {
    return this.#handler.progress?.() ?? 0;
  }

  /** The bytes beyond the furthest progress so far. */
  #takeProgress(): number {
    const bytes = Math.max(0, this.#progress - this.#furthest);
    this.#furthest += bytes;
    return bytes;
  }

  /** After an answer: returns whether the request is sent again. */
  #repeats(error: TransferError): boolean {
    const when = this.#handler.repeatsAfter?.(error) ?? 'never';
    if (when === 'never') return false;
    // Drops the bytes that were not taken.
    this.#channel?.cancel();
    this.#channel = undefined;
    if (when === 'later')
      return this.#retry(new TransferError(error.code, error.reason, { retryable: true }));
    this.#context.dispatcher.release(this);
    this.#dispatchAgain();
    return true;
  }

  /** Waits for the program without a channel, and without keeping a connection open. */
  #pause(): void {
    const { dispatcher } = this.#context;
    this.#handler.onInterrupt?.(true);
    this.#channel = this.#timeout = undefined;
    this.#isPaused = true;
    // The time that the program takes is none of its retries.
    if (this.#takeProgress() > 0) this.backoff?.reset();
    dispatcher.release(this);
    dispatcher.paused.add(this);
  }

  #dispatchAgain(): void {
    this.#isPaused = false;
    try {
      this.#context.dispatcher.dispatch(this);
    } catch (thrown) {
      this.#failSoon(thrown);
    }
  }

  #finish(): void {
    this.#removeAbortListener?.();
    this.#release();
  }

  #release(): void {
    this.#ended = true;
    this.#isPaused = false;
    this.#context.dispatcher.release(this);
  }

  // Deferred until the caller can have piped the stream: one that is destroyed already cannot be piped.
  #failSoon(thrown: unknown): void {
    nextTick(() => this.fail(TransferError.from(thrown)));
  }
}

/** Whether the server has ended a channel because its client took or sent too little. */
function isStall(outcome: FrameOf<'result'> | TransferError): boolean {
  return outcome instanceof TransferError && outcome.code === 'ETIMEDOUT' && outcome.retryable;
}
