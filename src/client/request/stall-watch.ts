/**
 * Detects a server that answers pings but makes no progress on a request. Time counts only while the server has to act:
 * neither a slow reader or writer at this end counts, nor a request that is still queued at this end.
 */
import { TransferError } from '../../errors.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import { ActivityLimit } from '../../session/timers/activity-limit.js';

/** How long a request waits for the server, in milliseconds. */
export interface RequestTimeouts {
  /** For the next byte of a body to arrive or to be sent. */
  readonly stallMs: number;
  /** For an answer, before a body begins and after it has ended. */
  readonly responseMs: number;
}

/** So many times a limit, acks that acknowledge nothing can extend it: they say that the server is at work. */
const EXTENSIONS = 10;

/** The same where the server may read, count or remove any amount of data before it answers. */
const LONG_EXTENSIONS = 100;

export class StallWatch {
  readonly #channel: ClientChannel;
  readonly #timeouts: RequestTimeouts;
  readonly #isShort: boolean;
  #extensions = 0;
  #limit: ActivityLimit | undefined;

  /** @param isShort - whether the work of the server does not depend on the size of a file or tree */
  constructor(channel: ClientChannel, timeouts: RequestTimeouts, isShort: boolean) {
    this.#channel = channel;
    this.#timeouts = timeouts;
    this.#isShort = isShort;
  }

  /** Returns ETIMEDOUT once the request has made no progress for its timeout. */
  check(nowMs: number, accepted: boolean): TransferError | undefined {
    const limitMs = this.#currentLimitMs(accepted);
    if (limitMs === Infinity) {
      this.#limit = undefined;
      return undefined;
    }
    const isLong = !this.#isShort && (!accepted || this.#channel.peerEnd !== undefined);
    const extensions = isLong ? LONG_EXTENSIONS : EXTENSIONS;
    if (this.#limit?.limitMs !== limitMs || extensions !== this.#extensions) {
      this.#limit = new ActivityLimit(limitMs, extensions);
      this.#extensions = extensions;
    }
    const ms = this.#limit.exceeded(nowMs, this.#channel);
    if (ms === undefined) return undefined;
    return new TransferError('ETIMEDOUT', `No progress on the request for ${ms} ms.`);
  }

  #currentLimitMs(accepted: boolean): number {
    const { queued, closed, bufferedBytes, hasPendingWrite, clientState, wantsBody, isDuplex } =
      this.#channel;
    if (queued || closed || bufferedBytes > 0) return Infinity;
    const { stallMs, responseMs } = this.#timeouts;
    if (accepted && isDuplex) return this.#duplexLimitMs(hasPendingWrite);
    if (!accepted || clientState === 'ended') return responseMs;
    // A server need not acknowledge before a part of its window is used up.
    return hasPendingWrite || wantsBody ? stallMs : Infinity;
  }

  /** A stream method may be silent for any time, as long as the server takes what is sent, and has not ended its body. */
  #duplexLimitMs(hasPendingWrite: boolean): number {
    const { clientState, peerEnd } = this.#channel;
    if (hasPendingWrite) return this.#timeouts.stallMs;
    return clientState !== 'sending' && peerEnd ? this.#timeouts.responseMs : Infinity;
  }
}
