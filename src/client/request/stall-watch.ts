/**
 * Detects a server that answers pings but makes no progress on a request. Time counts only while the server has to act:
 * neither a slow reader or writer at this end counts, nor a request that is still queued at this end.
 */
import { TransferError } from '../../errors.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';

/** How long a request waits for the server, in milliseconds. */
export interface RequestTimeouts {
  /** For the next byte of a body to arrive or to be sent. */
  readonly stallMs: number;
  /** For an answer, before a body begins and after it has ended. */
  readonly responseMs: number;
}

export class StallWatch {
  readonly #channel: ClientChannel;
  readonly #timeouts: RequestTimeouts;
  #progress = -1;
  #sinceMs = 0;
  #limitMs = 0;

  constructor(channel: ClientChannel, timeouts: RequestTimeouts) {
    this.#channel = channel;
    this.#timeouts = timeouts;
  }

  /** Returns ETIMEDOUT once the request has made no progress for its timeout. */
  check(nowMs: number, accepted: boolean): TransferError | undefined {
    const { progress } = this.#channel;
    const limitMs = this.#currentLimitMs(accepted);
    if (progress !== this.#progress || limitMs !== this.#limitMs || limitMs === Infinity) {
      this.#progress = progress;
      this.#limitMs = limitMs;
      this.#sinceMs = nowMs;
      return undefined;
    }
    if (nowMs - this.#sinceMs < limitMs) return undefined;
    return new TransferError('ETIMEDOUT', `No progress on the request for ${limitMs} ms.`);
  }

  #currentLimitMs(accepted: boolean): number {
    const { queued, closed, bufferedBytes, hasPendingWrite, clientState, wantsBody } = this.#channel;
    if (queued || closed || bufferedBytes > 0) return Infinity;
    const { stallMs, responseMs } = this.#timeouts;
    if (!accepted || clientState === 'ended') return responseMs;
    // A server need not acknowledge before a part of its window is used up.
    return hasPendingWrite || wantsBody ? stallMs : Infinity;
  }
}
