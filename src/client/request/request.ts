/**
 * A request as long as it lasts: asked for on one connection after another until it has its answer, its time is over, or
 * nobody wants it any more. It settles exactly once.
 *
 *     start -> link.enlist -> begin: a channel -> closed | lost -> link.retry -> begin: another channel -> ...
 */
import { TransferError, withOutcome } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ClientChannel, ClientChannelListener } from '../../session/channel/client-channel.js';
import type { RequestFields } from '../../session/client-session.js';
import { throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';
import type { ClientConnection } from '../connection/client-connection.js';
import type { Node } from '../../collections/linked-list.js';
import type { DispatchedRequest } from '../connection/dispatcher.js';
import type { ClientContext } from './client-context.js';
import { StallWatch } from './stall-watch.js';

/** What makes a request, and is told what becomes of it. */
export interface RequestHandler {
  /** Whether the server sends a body. */
  readonly wants: 'body' | 'nothing';
  /** Whether the request can be made again after the server may have got it. */
  // A method, as it changes: a getter of an object literal would cost each owner a hidden class of its own.
  isIdempotent(): boolean;
  /** Whether it does not matter if the server has done what was asked, so that no error says `outcomeUnknown`. Default true. */
  readonly isSafe?: boolean;
  /** What to ask for; called anew for each connection. */
  fields(): RequestFields;
  /** There is a channel: for the first time, or anew. */
  onStart?(): void;
  /** The server serves the request. What is thrown ends it. */
  onAccept?(frame: FrameOf<'accept'>): void;
  /** There are received bytes to take. */
  onReadable?(): void;
  /** The server has taken in so many bytes of those that were sent on this channel. */
  onAck?(offset: number): void;
  /** The channel is gone; perhaps there will be another one. The server may have got what was sent on it, or cannot. */
  onInterrupt?(isSent: boolean): void;
  /** The request has ended, in whatever way. Called once, and never before `start` has returned. */
  onEnd(outcome: FrameOf<'result'> | TransferError): void;
  /** After the end, while bytes wait to be read, the caller's time is over or the signal is aborted. */
  onTimeout?(error: TransferError): void;
}

export class Request implements DispatchedRequest, ClientChannelListener {
  place: Node<DispatchedRequest> | undefined;
  readonly #requester: ClientContext;
  readonly #handler: RequestHandler;
  #channel: ClientChannel | undefined;
  #accepted = false;
  #over = false;
  #connection: ClientConnection | undefined;
  #acknowledged = 0;
  #stopWaiting: (() => void) | undefined;
  #watch: StallWatch | undefined;

  constructor(requester: ClientContext, handler: RequestHandler) {
    this.#requester = requester;
    this.#handler = handler;
  }

  /** The channel on the current connection; undefined while there is none. */
  get channel(): ClientChannel | undefined {
    return this.#channel;
  }

  /**
   * Asks, after `prepare`. Throws a TypeError for what is wrong with an option; every other failure is told later, also
   * what `prepare` throws.
   */
  start(options: CallOptions, prepare?: () => void): void {
    try {
      prepare?.();
      throwIfAborted(options.signal);
      this.#stopWaiting = onAbortOrTimeout(options, (error) =>
        this.#over ? this.#handler.onTimeout?.(error) : this.fail(error),
      );
      this.#requester.dispatcher.dispatch(this);
    } catch (thrown) {
      if (thrown instanceof TypeError) throw thrown;
      this.#failSoon(thrown);
    }
  }

  /** Ends it with an error that was found at this end. */
  fail(error: TransferError): void {
    if (this.#over) return;
    const asked = this.#channel !== undefined && !this.#channel.queued;
    this.cancel();
    this.#handler.onInterrupt?.(asked);
    this.#handler.onEnd(asked && this.#handler.isSafe === false ? withOutcome(error, true) : error);
  }

  /** Nobody wants the answer any more. */
  cancel(): void {
    this.#end();
    this.#channel?.cancel();
  }

  // For the link

  begin(connection: ClientConnection): void {
    const { session } = connection;
    try {
      this.#connection = connection;
      this.#accepted = false;
      this.#acknowledged = 0;
      this.#watch = undefined;
      this.#channel = session.request(this.#handler.fields(), this.#handler.wants, this);
      this.#handler.onStart?.();
    } catch (thrown) {
      this.#failSoon(thrown);
    }
  }

  watch(nowMs: number): void {
    if (!this.#channel) return;
    this.#watch ??= new StallWatch(this.#channel, this.#requester.timeouts);
    const error = this.#watch.check(nowMs, this.#accepted);
    if (error) this.fail(error);
  }

  // For the channel

  onAccept(frame: FrameOf<'accept'>): void {
    this.#accepted = true;
    if (this.#over) return;
    try {
      this.#handler.onAccept?.(frame);
    } catch (thrown) {
      this.fail(TransferError.from(thrown));
    }
  }

  onReadable(): void {
    if (this.#over) return;
    this.#requester.dispatcher.resetBackoff();
    this.#handler.onReadable?.();
  }

  onAck(offset: number): void {
    if (this.#over) return;
    // One that takes in nothing is a sign of life, but no progress.
    if (offset > this.#acknowledged) this.#requester.dispatcher.resetBackoff();
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    this.#handler.onAck?.(offset);
  }

  onClose(outcome: FrameOf<'result'> | TransferError): void {
    if (this.#over) return;
    // A server that is closing stops what it serves: for the next one it is as if the connection were lost.
    if (outcome instanceof TransferError && outcome.code === 'ESHUTDOWN' && this.#handler.isIdempotent()) {
      return this.#lost(outcome, true);
    }
    this.#requester.dispatcher.resetBackoff();
    if (this.#handler.onTimeout) this.#leave();
    else this.#end();
    this.#handler.onEnd(outcome);
  }

  onLost(error: TransferError): void {
    this.#lost(error, error.outcomeUnknown);
  }

  #lost(error: TransferError, isSent: boolean): void {
    this.#channel = undefined;
    if (this.#over) return;
    this.#handler.onInterrupt?.(isSent);
    const again = this.#handler.isIdempotent() || !error.outcomeUnknown;
    if (again && this.#requester.dispatcher.retry(this, error, this.#connection)) return;
    this.#end();
    this.#handler.onEnd(again || this.#handler.isSafe !== false ? withOutcome(error, false) : error);
  }

  #end(): void {
    this.#stopWaiting?.();
    this.#leave();
  }

  #leave(): void {
    this.#over = true;
    this.#requester.dispatcher.release(this);
  }

  // Not before the caller has joined a stream with another: nobody can pipe from or to one that is destroyed.
  #failSoon(thrown: unknown): void {
    process.nextTick(() => this.fail(TransferError.from(thrown)));
  }
}
