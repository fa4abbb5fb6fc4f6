/**
 * A request that changes something: it waits for `welcome`, has a number in the session of its client, and after a loss
 * finds out whether the server has carried it out.
 *
 *     begin -> onWelcome -> host.open -> number -> answer -> settle
 *                                               -> lost   -> interrupt, and then on the next connection:
 *     begin -> onWelcome -> the same session -> host.open, with the same number
 *                        -> another one, and the server may have carried it out -> question, or host.giveUp
 */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import type { RequestFields } from '../../session/client-session.js';
import type { WelcomeWaiter } from '../../session/request-queue.js';
import type { ClientConnection } from '../connection/client-connection.js';
import type { RequestHandler } from '../request/request-handler.js';
import type { RequestSession } from './request-sessions.js';

/** The request, as far as a change decides for it. */
export interface ChangeHost {
  /** Opens the channel of the request. */
  open(connection: ClientConnection): void;
  /** Takes the channel of a question: its result is that of the request. */
  follow(question: ClientChannel): void;
  onClose(result: FrameOf<'result'>): void;
  onLost(error: TransferError): void;
  /** Ends the request: whether the server has carried it out is unknown. */
  giveUp(): void;
}

export class Change implements WelcomeWaiter {
  readonly #handler: RequestHandler;
  readonly #host: ChangeHost;
  #connection: ClientConnection | undefined;
  /** The session of the number. */
  #session: RequestSession | undefined;
  #number: number | undefined;
  #isLost = false;

  constructor(handler: RequestHandler, host: ChangeHost) {
    this.#handler = handler;
    this.#host = host;
  }

  /** Whether the server may have carried it out, although no answer has arrived. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether a server that still has the session can be asked again. */
  get isRepeatable(): boolean {
    return this.#isLost && this.#number !== undefined;
  }

  /** Whether the server has refused only to answer again, for now, so that an earlier attempt may have been carried out. */
  isOpenAfter({ retryable }: TransferError): boolean {
    return this.#isLost && retryable && (this.#handler.mayBeDone?.() ?? true);
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    if (connection.session.isOpen) this.onWelcome();
    else connection.session.awaitWelcome(this);
  }

  onWelcome(): void {
    const connection = this.#connection;
    if (!connection) return;
    const isKnown = this.#number !== undefined && connection.requestSession === this.#session;
    if (!this.#isLost || isKnown || this.#handler.isIdempotent()) return this.#host.open(connection);
    const question = connection.session.features.has('upload-status') && this.#handler.question?.();
    if (question) this.#host.follow(this.#ask(connection, question));
    else this.#host.giveUp();
  }

  onLost(error: TransferError): void {
    this.#host.onLost(error);
  }

  /** Gives an `open` its number, or the one that the request has in this session. */
  number(open: FrameOf<'open'>): void {
    const session = this.#connection?.requestSession;
    if (session !== this.#session) this.settle();
    this.#session = session;
    if (!session) return;
    open.requestId = this.#number ??= session.take();
    open.settledBelow = session.settledBelow;
  }

  /** The channel is gone. If the server may have carried out the request, its number is kept. */
  interrupt(mayBeDone: boolean): void {
    if (mayBeDone) this.#isLost = true;
    else this.settle();
  }

  /** The request has its answer, or is not repeated under its number. */
  settle(): void {
    if (this.#number !== undefined) this.#session?.settle(this.#number);
    this.#number = undefined;
    this.#isLost = false;
  }

  /** The request ends without a channel. */
  stop(): void {
    this.settle();
    this.#connection?.session.stopWaiting(this);
    this.#connection = undefined;
  }

  /** Asks by a request that changes nothing. */
  #ask(connection: ClientConnection, fields: RequestFields): ClientChannel {
    return connection.session.request(fields, 'nothing', {
      onLost: (error) => this.#host.onLost(error),
      onClose: (outcome) => {
        if (outcome instanceof TransferError)
          return outcome.retryable ? this.#host.onLost(outcome) : this.#host.giveUp();
        if (outcome.kind !== undefined) return this.#host.onClose(outcome);
        if (outcome.offset === undefined) return this.#host.giveUp();
        this.#handler.onUndone?.();
        this.settle();
        this.#host.open(connection);
      },
    });
  }
}
