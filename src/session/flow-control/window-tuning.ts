/**
 * Doubles a receive window that is too small for the link: one of which half arrives within one round trip. The speed is
 * measured over a quarter of the window, because a transfer starts in bursts.
 *
 * A window of 1 GB/s or more is large enough: on one machine a slower end is busy, and a larger window would only make
 * the sender buffer more. Only bytes that were both received and consumed count, so a slow reader does not get a larger
 * window. A window never shrinks, because a grant cannot be withdrawn.
 */
import type { MinRtt } from './min-rtt.js';

/** Reserves memory for a window. Returns the bytes that are available, which may be fewer. */
export type Reserve = (windowBytes: number) => number;

/** The state of a body when an ack is due, in bytes. */
export interface Progress {
  readonly window: number;
  readonly consumed: number;
  /** Received, but not consumed. */
  readonly buffered: number;
}

/** Windows with this throughput do not grow: 1 GB/s. */
const ENOUGH_BYTES_PER_MS = 1_000_000;

/** The speed is measured over this fraction of a window. */
const PARTS = 4;

export class WindowTuning {
  readonly #minRtt: MinRtt;
  readonly #reserve: Reserve;
  /** The limit before the grant whose first byte is awaited. */
  #limitBeforeGrant = Infinity;
  #grantedAt = 0;
  /** Offset and time at which the present measurement started. */
  #startOffset = 0;
  #startedAt = -Infinity;

  constructor(minRtt: MinRtt, reserve: Reserve) {
    this.#minRtt = minRtt;
    this.#reserve = reserve;
  }

  /** More credit is granted to the peer. */
  onGrant(limitBefore: number): void {
    if (this.#limitBeforeGrant !== Infinity) return;
    this.#limitBeforeGrant = limitBefore;
    this.#grantedAt = this.#minRtt.now();
  }

  /** The body has been received up to this offset. */
  onReceive(offset: number): void {
    if (offset <= this.#limitBeforeGrant) return;
    this.#limitBeforeGrant = Infinity;
    this.#minRtt.record(this.#minRtt.now() - this.#grantedAt);
  }

  /** The window to send in the next ack. */
  nextWindow({ window, consumed, buffered }: Progress): number {
    if (consumed - this.#startOffset < window / PARTS) return window;
    const now = this.#minRtt.now();
    const halfMs = (now - this.#startedAt) * (PARTS / 2);
    const isTooSmall = this.#minRtt.isWithin(Math.max(halfMs, window / ENOUGH_BYTES_PER_MS));
    this.#startOffset = consumed + buffered;
    this.#startedAt = now;
    return isTooSmall ? Math.max(window, this.#reserve(window * 2)) : window;
  }
}
