/**
 * One request, from `start` to exactly one `onEnd`, on as many connections as it takes.
 *
 *     start -> dispatcher.dispatch -> begin: opens a channel -> onClose: the result or an error -> handler.onEnd
 *                                       ^                    -> onLost: the connection is gone
 *                                       +-- dispatcher.retry <-'   (or handler.onEnd if it must not be repeated)
 *
 *     this end's program pauses -> the server ends the channel -> no channel -> resume -> dispatcher.dispatch -> begin
 */
import { nextTick } from '../../clock.js';
import { protocolError, TransferError, withOutcome } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ClientChannel, ClientChannelListener } from '../../session/channel/client-channel.js';
import type { RequestFields } from '../../session/client-session.js';
import { throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';
import type { Backoff } from '../connection/backoff.js';
import type { ClientConnection } from '../connection/client-connection.js';
import type { Node } from '../../collections/linked-list.js';
import type { DispatchedRequest } from '../connection/dispatched-request.js';
import { checkedError } from './checked-error.js';
import type { ClientContext } from './client-context.js';
import { StallWatch } from './stall-watch.js';

/** Defines a request and receives its events. */
export interface RequestHandler {
  /** Whether the server sends a body. */
  readonly wants: 'body' | 'nothing';
  /** Whether the request may be sent again after the server may have received it. */
  // A method because the answer changes; a getter of an object literal would give each handler its own hidden class.
  isIdempotent(): boolean;
  /** Whether an unanswered request has no effect that matters, so that no error has `outcomeUnknown`. Default true. */
  readonly isSafe?: boolean;
  /** Whether the work of the server does not depend on the size of a file or tree. Default false. */
  readonly isShort?: boolean;
  /** The fields of the request; called for each connection. */
  fields(): RequestFields;
  /** The request has a channel, the first one or another one after a loss. */
  onStart?(): void;
  /** The server has accepted the request. An error thrown here ends the request. Without it, `accept` is EPROTO. */
  onAccept?(frame: FrameOf<'accept'>): void;
  /** The channel has received bytes. */
  onReadable?(): void;
  /** The server has acknowledged the body of the current channel up to this offset. */
  onAck?(offset: number): void;
  /**
   * Whether the request can continue on another channel after the server has ended this one because this end took or
   * sent too little. Default: it fails.
   */
  canPause?(): boolean;
  /** Whether the request can wait without a channel for its reader, so that others have its place. Default: no. */
  canGiveUpPlace?(): boolean;
  /** Whether the program already wants more, so that a paused request continues at once. */
  wantsMore?(): boolean;
  /** The channel is gone; another one may follow. `isSent`: the server may have received what the channel was given. */
  onInterrupt?(isSent: boolean): void;
  /** Whether to send the request again, with other fields, after this error of the server. Default false. */
  repeatsAfter?(error: TransferError): boolean;
  /** The request has ended. Called once, and never before `start` has returned. */
  onEnd(outcome: FrameOf<'result'> | TransferError): void;
  /** The signal was aborted or the time has run out after `onEnd`, while received bytes still wait to be read. */
  onTimeout?(error: TransferError): void;
}

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
  /** On the current connection. */
  #acknowledged = 0;
  #removeAbortListener: (() => void) | undefined;
  #stallWatch: StallWatch | undefined;
  #isPaused = false;
  #hasPaused = false;
  /** Whether the program has read or written since the last pause. */
  #wasActive = true;

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
    this.#wasActive = true;
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
      this.#acknowledged = 0;
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
      if (!this.#handler.onAccept) throw protocolError(`The operation ${this.#fields.op} has no accept.`);
      this.#handler.onAccept(frame);
    } catch (thrown) {
      this.#isAnswered = true;
      this.fail(TransferError.from(thrown));
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
    this.#pause();
    return true;
  }

  onAck(offset: number): void {
    if (this.#ended) return;
    // An ack that acknowledges no further byte is a sign of life, but no progress.
    if (offset > this.#acknowledged && this.#connection) this.#connection.record.progressed = true;
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    this.#handler.onAck?.(offset);
  }

  onClose(outcome: FrameOf<'result'> | TransferError): void {
    if (this.#ended) return;
    if (isStall(outcome) && this.#wasActive && this.#handler.canPause?.()) return this.#pause();
    if (outcome instanceof TransferError && this.#isRefused(outcome) && this.#handler.isIdempotent()) {
      return this.#handleLoss(outcome, true);
    }
    this.#connection?.record.onAnswer();
    if (outcome instanceof TransferError && this.#handler.repeatsAfter?.(outcome)) return this.#repeat();
    this.#isAnswered = true;
    if (this.#handler.onTimeout) this.#release();
    else this.#finish();
    this.#handler.onEnd(outcome instanceof TransferError ? checkedError(outcome, this.#fields) : outcome);
  }

  onLost(error: TransferError): void {
    this.#handleLoss(error, error.outcomeUnknown);
  }

  #isRefused({ code }: TransferError): boolean {
    // A server that closes stops its requests; another server can serve them, as after a lost connection.
    if (code === 'ESHUTDOWN') return true;
    // The request was accepted before its pause, and now the server has no place for it.
    return this.#hasPaused && !this.#accepted && (code === 'EAGAIN' || code === 'EBUSY');
  }

  #handleLoss(error: TransferError, isSent: boolean): void {
    const bytes = Math.max(this.#channel?.bytesReceived ?? 0, this.#acknowledged);
    const queued = this.#channel?.queued === true;
    const connection = this.#connection;
    this.#channel = undefined;
    if (this.#ended) return;
    connection?.record.onBytes(bytes);
    this.#handler.onInterrupt?.(isSent);
    const isRepeatable = this.#handler.isIdempotent() || !error.outcomeUnknown;
    const loss = connection && { error, connection, progressed: bytes > 0, queued };
    if (isRepeatable && loss && this.#context.dispatcher.retry(this, loss)) return;
    this.#finish();
    this.#handler.onEnd(isRepeatable || this.#handler.isSafe !== false ? withOutcome(error, false) : error);
  }

  #repeat(): void {
    // Drops the bytes that were not taken.
    this.#channel?.cancel();
    this.#channel = undefined;
    this.#context.dispatcher.release(this);
    this.#dispatchAgain();
  }

  /** Waits for the program without a channel, and without keeping a connection open. */
  #pause(): void {
    const { dispatcher } = this.#context;
    this.#handler.onInterrupt?.(true);
    this.#channel = undefined;
    this.#isPaused = this.#hasPaused = true;
    // The same error again, without a read or write in between, has another reason.
    this.#wasActive = false;
    dispatcher.release(this);
    dispatcher.paused.add(this);
    if (this.#handler.wantsMore?.()) this.#dispatchAgain();
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
