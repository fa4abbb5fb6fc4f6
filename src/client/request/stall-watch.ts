/**
 * Transfer stall: a server that lives, for it answers pings, but does not get on with a request. Time counts only while
 * it is the server's turn: a slow reader or writer at this end is nobody's fault, and what waits in a queue of this end
 * has not been asked for yet.
 */
import { TransferError } from '../../errors.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';

/** How long a request waits for a living server, in milliseconds. */
export interface RequestTimeouts {
  /** For the next byte of a body, or the next one to be taken. */
  readonly stallMs: number;
  /** For an answer, before a body begins and after it has ended. */
  readonly responseMs: number;
}

export class StallWatch {
  readonly #channel: ClientChannel;
  readonly #patience: RequestTimeouts;
  #progress = -1;
  #since = 0;
  #limit = 0;

  constructor(channel: ClientChannel, patience: RequestTimeouts) {
    this.#channel = channel;
    this.#patience = patience;
  }

  /** The error of a request for which nothing has moved for too long; undefined while there is hope. */
  check(nowMs: number, accepted: boolean): TransferError | undefined {
    const { progress } = this.#channel;
    const limitMs = this.#limitMs(accepted);
    if (progress !== this.#progress || limitMs !== this.#limit || limitMs === Infinity) {
      this.#progress = progress;
      this.#limit = limitMs;
      this.#since = nowMs;
      return undefined;
    }
    if (nowMs - this.#since < limitMs) return undefined;
    return new TransferError('ETIMEDOUT', `The server has not got on with the request for ${limitMs} ms.`);
  }

  #limitMs(accepted: boolean): number {
    const { queued, bufferedBytes, hasPendingWrite, clientState, wantsBody } = this.#channel;
    // Not asked for yet, or its last word has come, or this end does not take what has come.
    if (queued || this.#channel.closed || bufferedBytes > 0) return Infinity;
    const { stallMs, responseMs } = this.#patience;
    if (!accepted || clientState === 'ended') return responseMs;
    // A server need not acknowledge before its window is used up to a part.
    return hasPendingWrite || wantsBody ? stallMs : Infinity;
  }
}
