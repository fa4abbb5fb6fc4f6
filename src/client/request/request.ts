/**
 * One request, from `start` to exactly one `onEnd`, on as many connections as it takes.
 *
 *     start -> dispatcher.dispatch -> begin: opens a channel -> onClose: the result or an error -> handler.onEnd
 *                                       ^                    -> onLost: the connection is gone
 *                                       +-- dispatcher.retry <-'   (or handler.onEnd if it must not be repeated)
 *     this end's program pauses -> the server ends the channel -> no channel -> resume -> dispatcher.dispatch -> begin
 */
import { nextTick } from '../../clock.js';
import { retryable, TransferError, withOutcome } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ClientChannel, ClientChannelListener } from '../../session/channel/client-channel.js';
import { checkedError } from '../../session/channel/checked-error.js';
import type { RequestFields } from '../../session/client-session.js';
import { Change, type ChangeHost } from '../repeats/change.js';
import { ProgressCount } from '../repeats/progress-count.js';
import { isStall, Stalls } from '../repeats/stalls.js';
import { throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';
import { assertAnswerFields, checkedResult } from '../../session/channel/answer-fields.js';
import type { Backoff } from '../connection/backoff.js';
import type { ClientConnection } from '../connection/client-connection.js';
import type { Node } from '../../collections/linked-list.js';
import type { DispatchedRequest } from '../connection/dispatched-request.js';
import type { RequestOutcome } from '../monitoring/client-counters.js';
import type { ClientContext } from './client-context.js';
import type { RequestHandler } from './request-handler.js';
import { StallWatch } from './stall-watch.js';
import { withFeature } from '../repeats/with-feature.js';

export class Request implements DispatchedRequest, ClientChannelListener, ChangeHost {
  node: Node<DispatchedRequest> | undefined;
  backoff: Backoff | undefined;
  /** On the current connection, if there is one. */
  channel: ClientChannel | undefined;
  readonly #context: ClientContext;
  readonly #handler: RequestHandler;
  #fields: RequestFields = { op: '' };
  #change: Change | undefined;
  /** The last error of a connection. */
  #loss: TransferError | undefined;
  #accepted = false;
  #ended = false;
  #isAnswered = false;
  #connection: ClientConnection | undefined;
  readonly #progress: ProgressCount;
  #removeAbortListener: (() => void) | undefined;
  #stallWatch: StallWatch | undefined;
  #isPaused = false;
  readonly #stalls: Stalls;

  constructor(context: ClientContext, handler: RequestHandler) {
    this.#context = context;
    this.#handler = handler;
    this.#stalls = new Stalls(handler);
    this.#progress = new ProgressCount(() => handler.progress?.() ?? 0);
  }

  /** Whether the server has answered this request in a way that has ended it. Not after any other error. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get isEndless(): boolean {
    return this.#accepted && this.#handler.isEndless?.() === true;
  }

  /** Calls `prepare`, then dispatches. Throws a TypeError for a wrong option; every other error goes to `onEnd`. */
  start(options: CallOptions, prepare?: () => void): void {
    const { dispatcher } = this.#context;
    try {
      prepare?.();
      this.#progress.start();
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
    const isSent = this.#change?.isLost === true || this.channel?.queued === false;
    this.cancel(error.code === 'ECANCELED' ? 'cancelled' : 'failed');
    this.#handler.onInterrupt?.(isSent);
    this.#handler.onEnd(this.#stalls.isUnknown(isSent) ? withOutcome(error, true) : error);
  }

  /** Ends the request without `onEnd`. */
  cancel(outcome: RequestOutcome = 'cancelled'): void {
    this.#finish(outcome);
    // The answer to a cancelled channel still comes.
    if (this.channel) return this.channel.cancel();
    this.#change?.stop();
  }

  // Called by the dispatcher, the change, and the channel

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#accepted = false;
    const { feature, isChange } = this.#handler;
    if (feature) return withFeature(connection, feature, this);
    if (!isChange || !connection.numbersChanges) return this.open(connection);
    this.#change ??= new Change(this.#handler, this);
    this.#change.begin(connection);
  }

  checkTimeout(nowMs: number): void {
    if (!this.channel || this.isEndless) return;
    this.#stallWatch ??= new StallWatch(this.channel, this.#context.timeouts, this.#handler.isShort === true);
    const error = this.#stallWatch.check(nowMs, this.#accepted);
    if (error) this.fail(error);
  }

  open(connection: ClientConnection): void {
    try {
      if (this.#ended) return;
      this.#fields = this.#handler.fields();
      if (connection.udp.holds(this.#fields, this)) return;
      this.follow(connection.session.request(this.#fields, this.#handler.wants, this));
      this.#handler.onStart?.();
    } catch (thrown) {
      this.#failSoon(thrown);
    }
  }

  follow(channel: ClientChannel): void {
    this.channel = channel;
    this.#stallWatch = undefined;
  }

  /** Ends the request with the error of its connection. */
  giveUp(isSent = true): void {
    if (this.#ended) return;
    this.#finish('failed');
    this.#change?.settle();
    const loss = this.#loss ?? new TransferError('ECONNRESET');
    this.#handler.onEnd(withOutcome(loss, this.#stalls.isUnknown(isSent)));
  }

  onOpening(open: FrameOf<'open'>): void {
    this.#change?.number(open);
  }

  onAccept(frame: FrameOf<'accept'>): void {
    this.#accepted = true;
    if (this.#ended) return;
    try {
      assertAnswerFields(this.#fields, frame);
      this.#handler.onAccept?.(frame);
    } catch (thrown) {
      this.onViolation(TransferError.from(thrown));
    }
  }

  onReadable(): void {
    if (this.#ended) return;
    if (this.#connection) this.#connection.record.progressed = true;
    this.#handler.onReadable?.();
  }

  onCrowded(): boolean {
    if (this.#ended || this.#handler.canGiveUpPlace?.() !== true) return false;
    this.channel?.abandon();
    this.#stalls.hasStalled = true;
    this.#pause();
    return true;
  }

  onAck(offset: number): void {
    if (this.#ended) return;
    this.#handler.onAck?.(offset);
    // An ack that acknowledges no further byte is a sign of life, but no progress.
    if (this.#connection && this.#progress.isFurther) this.#connection.record.progressed = true;
  }

  onClose(outcome: FrameOf<'result'> | TransferError): void {
    if (this.#ended) return this.#change?.settle();
    const isError = outcome instanceof TransferError;
    if (isError) {
      if (isStall(outcome) && this.#handler.canPause?.()) return this.#handleStall(outcome);
      const isRefused = this.#stalls.isRefusal(outcome, this.#accepted);
      const isRepeatable = this.#handler.isIdempotent() || this.#handler.canPause?.() === true;
      if ((isRefused && isRepeatable) || this.#change?.isOpenAfter(outcome) === true)
        return this.#handleLoss(checkedError(outcome, this.#fields), true);
    }
    this.#connection?.record.onAnswer();
    if (isError && this.#repeats(outcome)) return;
    const answer = isError
      ? this.#stalls.reasonOf(checkedError(outcome, this.#fields))
      : checkedResult(this.#fields, outcome, this.#accepted);
    if (!isError && answer instanceof TransferError) return this.onViolation(answer);
    this.#isAnswered = true;
    this.#change?.settle();
    this.#finish(isError ? 'failed' : 'succeeded', this.#handler.onTimeout !== undefined);
    this.#handler.onEnd(answer);
  }

  onViolation(error: TransferError): void {
    this.#isAnswered = true;
    this.fail(this.#stalls.reasonOf(error));
    this.#change?.settle();
  }

  onLost(error: TransferError): void {
    this.#stalls.timeout = undefined;
    this.#handleLoss(error, error.outcomeUnknown);
  }

  #handleStall(error: TransferError): void {
    this.#stalls.hasStalled = true;
    if (!this.#handler.wantsMore?.()) return this.#pause();
    // The program does not pause: something else does, such as a storage, and may do so again.
    this.#stalls.timeout = checkedError(error, this.#fields);
    this.#handleLoss(this.#stalls.timeout, true);
  }

  #handleLoss(error: TransferError, isSent: boolean): void {
    const queued = this.channel?.queued === true;
    this.channel = undefined;
    if (this.#ended) return this.#change?.settle();
    this.#interrupt(isSent);
    this.#loss = error;
    const isRepeatable =
      this.#handler.isIdempotent() || !error.outcomeUnknown || this.#change?.isRepeatable === true;
    if (this.#retry(error, { queued, isRepeatable })) return;
    this.giveUp(this.#change?.isLost ?? error.outcomeUnknown);
  }

  #interrupt(isSent: boolean): void {
    this.#handler.onInterrupt?.(isSent);
    this.#change?.interrupt(this.#handler.mayBeDone?.() ?? (isSent || this.#change.isLost));
  }

  /** Returns whether the request is sent again, if it has an attempt left. */
  #retry(error: TransferError, { queued = false, isRepeatable = true } = {}): boolean {
    const connection = this.#connection;
    const bytes = this.#progress.take();
    connection?.record.onBytes(bytes);
    const loss = connection && { error, connection, progressed: bytes > 0, queued };
    return isRepeatable && loss !== undefined && this.#context.dispatcher.retry(this, loss);
  }

  /** After an answer: returns whether the request is sent again. */
  #repeats(error: TransferError): boolean {
    const when = this.#handler.repeatsAfter?.(error) ?? 'never';
    if (when === 'never') return false;
    // Drops the bytes that were not taken.
    this.channel?.cancel();
    this.channel = undefined;
    if (when === 'later') return this.#retry(retryable(error));
    this.#context.dispatcher.release(this);
    this.#dispatchAgain();
    return true;
  }

  /** Waits for the program without a channel, and without keeping a connection open. */
  #pause(): void {
    const { dispatcher } = this.#context;
    this.#interrupt(true);
    this.channel = this.#stalls.timeout = undefined;
    this.#isPaused = true;
    // The time that the program takes is none of its retries.
    if (this.#progress.take() > 0) this.backoff?.reset();
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

  #finish(outcome: RequestOutcome, keepsTimeout = false): void {
    if (!this.#ended) this.#context.counters.onRequestEnd(outcome);
    if (!keepsTimeout) this.#removeAbortListener?.();
    this.#ended = true;
    this.#isPaused = false;
    this.#context.dispatcher.release(this);
  }

  // Deferred until the caller can have piped the stream: one that is destroyed already cannot be piped.
  #failSoon(thrown: unknown): void {
    nextTick(() => this.fail(TransferError.from(thrown)));
  }
}
