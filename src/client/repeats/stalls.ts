/** Answers of a server after which a request continues on another channel, because the server has only refused it for now. */
import { TransferError, withOutcome } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { RequestHandler } from '../request/request-handler.js';

/** Whether the server has ended a channel because its client took or sent too little. */
export function isStall(outcome: FrameOf<'result'> | TransferError): outcome is TransferError {
  return outcome instanceof TransferError && outcome.code === 'ETIMEDOUT' && outcome.retryable;
}

/** What a request has met of them. */
export class Stalls {
  readonly #handler: Pick<RequestHandler, 'isSafe' | 'mayBeDone'>;
  /** Whether the server has ended an accepted channel, to be continued. */
  hasStalled = false;
  /** The ETIMEDOUT after which the last channel was repeated: its storage may have lost what it had. */
  timeout: TransferError | undefined;

  constructor(handler: Pick<RequestHandler, 'isSafe' | 'mayBeDone'>) {
    this.#handler = handler;
  }

  /** Whether an error without an answer says that the outcome is unknown. */
  isUnknown(isSent: boolean): boolean {
    return this.#handler.isSafe === false && (this.#handler.mayBeDone?.() ?? isSent);
  }

  /** Whether another server, or the same one later, can serve the request, which is `accepted` on this channel or not. */
  isRefusal({ code }: TransferError, accepted: boolean): boolean {
    // A server that closes stops its requests; another server can serve them, as after a lost connection.
    if (code === 'ESHUTDOWN') return true;
    // The request was accepted before it stalled, and now the server has no place for it.
    return this.hasStalled && !accepted && (code === 'EAGAIN' || code === 'EBUSY');
  }

  /** The error to report for an answer. An upload that is gone because it has timed out before fails with the time-out. */
  reasonOf(error: TransferError): TransferError {
    if (error.code === 'ENOTRECOVERABLE') return withOutcome(error, true);
    return error.code === 'EGONE' && this.timeout ? withOutcome(this.timeout, this.isUnknown(true)) : error;
  }
}
